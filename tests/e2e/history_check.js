// What many callers did to the same orders, held against what must be true whichever way it went.
//
// An operation: {order, client, began, ended} in moments of one clock, and one of
//   a change    {verb, ifVersion?, version, state}   acknowledged with that version and state
//   a refusal   {verb, ifVersion?, refused}          'ETAG_MISMATCH' or 'ILLEGAL_TRANSITION'
//   a read      {version}                            of one who asks for what it has written itself
'use strict';

// The states that a verb starts from.
const FROM = {
  DispatchTicket: ['PENDING_DISPATCH'],
  SignTicket: ['DISPATCHED', 'REWORK'],
  ReplyTicket: ['SIGNED'],
  AuditTicket: ['REPLIED'],
};

const told = (operation) => JSON.stringify(operation);

// The changes of one order by version, the filing first.
function checkChanges(changes, wrong) {
  let began = -Infinity;
  changes.forEach((change, i) => {
    const before = changes[i - 1];
    if (before && before.version === change.version) wrong(`two winners: ${told(before)} and ${told(change)}`);
    if (before && change.ifVersion !== undefined && change.ifVersion !== before.version) {
      wrong(`an update was lost: ${told(before)} before ${told(change)}`);
    }
    if (change.ended < began) wrong(`done before a change of a lower version began: ${told(change)}`);
    began = Math.max(began, change.began);
  });
}

// The change that surely was the last one all the time from `began` to `ended`; undefined when another
// one may have come between.
function standing(changes, {began, ended}) {
  const last = changes.findLastIndex((change) => change.ended < began);
  const next = changes[last + 1];
  return last >= 0 && !(next && next.began <= ended) ? changes[last] : undefined;
}

function checkRefusal(changes, operation, wrong) {
  const stood = standing(changes, operation);
  if (!stood) return;
  if (operation.refused === 'ETAG_MISMATCH' && operation.ifVersion === stood.version) {
    wrong(`refused though nothing had changed: ${told(operation)}`);
  }
  if (operation.refused === 'ILLEGAL_TRANSITION' && FROM[operation.verb].includes(stood.state)) {
    wrong(`refused though the state was ${stood.state}: ${told(operation)}`);
  }
}

function checkRead(changes, read, wrong) {
  const own = changes.filter(({client, ended}) => client === read.client && ended < read.began);
  const most = changes.filter(({began}) => began <= read.ended).at(-1);
  if (own.some(({version}) => version > read.version)) wrong(`did not see its own change: ${told(read)}`);
  if (read.version > most.version) wrong(`saw what nobody had begun: ${told(read)}`);
}

// Resolves to a list of sentences, empty when all is well. `filed`: the operation that made each order.
function check(filed, operations) {
  const found = [];
  const wrong = (text) => found.push(text);
  for (const first of filed) {
    const of = operations.filter(({order}) => order === first.order);
    const changes = [first, ...of.filter(({verb, refused}) => verb && !refused)]
        .sort((a, b) => a.version - b.version);
    checkChanges(changes, wrong);
    for (const operation of of) {
      if (operation.refused) checkRefusal(changes, operation, wrong);
      else if (!operation.verb) checkRead(changes, operation, wrong);
    }
  }
  return found;
}

module.exports = {FROM, check};
