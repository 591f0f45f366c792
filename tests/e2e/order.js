// The life of an order, whatever the client: each step with the key that takes it.
'use strict';

const assert = require('node:assert');

const FILED = {
  type: 'HELP',
  channel: 'PHONE',
  category: '0203',
  title: '电梯停运三天',
  caller: {name: '王某某', phone: '13800138000'},
  place: {address: '营根镇珉华小区3栋'},
};

// Method of gRPC, verb of HTTP, body, who, and the state after it.
const STEPS = [
  ['DispatchTicket', 'dispatch', {}, 'clerk', 'DISPATCHED'],
  ['SignTicket', 'sign', {}, 'unit-zhujianju', 'SIGNED'],
  ['ReplyTicket', 'reply', {reply: {result: '已修复', callerContacted: true}}, 'unit-zhujianju', 'REPLIED'],
  ['AuditTicket', 'audit', {pass: true}, 'clerk', 'PENDING_CALLBACK'],
  ['RecordCallback', 'callback', {callback: {outcome: 'REACHED', solved: 'YES', rating: 'SATISFIED'}},
    'clerk', 'PENDING_CALLBACK'],
  ['CloseTicket', 'close', {}, 'clerk', 'CLOSED'],
  ['ArchiveTicket', 'archive', {}, 'clerk', 'ARCHIVED'],
];

const FACTS = ['filed', 'accepted', 'queued', 'dispatched', 'signed', 'replied', 'auditPassed',
  'callbackRecorded', 'closed', 'archived'];

// `file(ticket, requestId)` and `step(method, verb, body, key, name)` resolve to a ticket as JSON,
// `events(name)` to the list of events. `order`: what is filed; a county with a policy of its own may
// know it by another category.
async function wholeLife({file, step, events}, {order = FILED, requestId = 'life-1'} = {}) {
  const filed = await file(order, requestId);
  assert.strictEqual(filed.state, 'PENDING_DISPATCH');
  assert.strictEqual(filed.place.grid, 'counties/469030/grids/469030100003001');
  assert.strictEqual(filed.caller.phone, '138****8000');
  assert.deepStrictEqual(await file(order, requestId), filed);
  for (const [method, verb, body, key, state] of STEPS) {
    const ticket = await step(method, verb, body, key, filed.name);
    assert.strictEqual(ticket.state, state, verb);
    assert.strictEqual(ticket.name, filed.name);
    if (verb === 'dispatch') {
      assert.strictEqual(ticket.assignment.lead, 'counties/469030/units/zhujianju');
      assert.ok(ticket.assignment.explanation.length > 0);
    }
  }
  const steps = (await events(filed.name)).map(({fact}) => FACTS.find((kind) => fact[kind] !== undefined));
  assert.deepStrictEqual(steps, FACTS);
  return filed.name;
}

module.exports = {FILED, STEPS, wholeLife};
