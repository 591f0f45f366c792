// Callers of five ticket services change the same few orders at once, some on the version that they have
// read and some on whatever there is. What each sent and got is recorded and checked: one winner for
// each change, no lost update, no refusal without a reason, everybody sees what he did himself; and the
// journal tells the same history without a gap.
// node history_test.js PATH_OF_BAIMI_SUITE PATH_OF_BAIMICTL, in the form "five"
'use strict';

const assert = require('node:assert');
const {after, before, test} = require('node:test');
const {COUNTY, ready} = require('./suite.js');
const {doorsOf, read, seqOf, versionOf} = require('./freshness.js');
const {FROM, check} = require('./history_check.js');
const {FILED, STEPS} = require('./order.js');

const ORDERS = 8;
const CALLERS_OF_A_DOOR = 4;
const STEPS_OF_A_CALLER = 80;
const T = 'baimi.ticket.v1.TicketService/';
const VERBS = Object.keys(FROM);
// An audit sends back, so that an order never comes to its end.
const BODIES = {...Object.fromEntries(STEPS.map(([method, , body]) => [method, body])),
  AuditTicket: {pass: false, reason: '没有解决'}};
let suite;

before(async () => { suite = await ready(process.argv[2]); });
after(() => suite && suite.dispose());

const pick = (list) => list[Math.floor(Math.random() * list.length)];
const now = () => performance.now();

class Caller {
  constructor(id, door, orders, record) {
    Object.assign(this, {id, door, orders, record, seq: '0'});
  }

  async read(order) {
    const operation = {order, client: this.id, began: now()};
    const ticket = await read(this.door, order, this.seq);
    this.record.push({...operation, ended: now(), version: versionOf(ticket)});
    return ticket;
  }

  async change(order, verb, etag) {
    const operation = {order, client: this.id, verb, began: now()};
    if (etag) operation.ifVersion = versionOf({etag});
    try {
      const answer = await this.door.call(T + verb, {...BODIES[verb], name: order, ...(etag && {etag})}, {seconds: 60});
      const {response} = answer;
      this.record.push({...operation, ended: now(), version: versionOf(response), state: response.state});
      this.seq = seqOf(answer);
    } catch (error) {
      const {reason} = (error.info || []).find((detail) => detail.reason) || {};
      if (!['ETAG_MISMATCH', 'ILLEGAL_TRANSITION'].includes(reason)) throw error;
      this.record.push({...operation, ended: now(), refused: reason});
    }
  }

  async run() {
    for (let step = 0; step < STEPS_OF_A_CALLER; step++) {
      const {name, state, etag} = await this.read(pick(this.orders));
      const fitting = VERBS.filter((verb) => FROM[verb].includes(state));
      const verb = Math.random() < 0.8 && fitting.length ? pick(fitting) : pick(VERBS);
      await this.change(name, verb, Math.random() < 0.5 ? etag : undefined);
    }
  }
}

async function file(door, n) {
  const operation = {client: -1, began: now()};
  const {response} = await door.call(T + 'CreateTicket',
      {parent: COUNTY, ticket: FILED, requestId: `history-${n}`}, {seconds: 60});
  return {...operation, ended: now(), order: response.name, version: versionOf(response), state: response.state};
}

test('Orders_ChangedThroughFiveServices_HaveOneHistory', async (context) => {
  const doors = doorsOf(suite);
  context.after(() => doors.forEach((door) => door.close()));
  assert.strictEqual(doors.length, 5);
  const filed = await Promise.all(Array.from({length: ORDERS}, (_, n) => file(doors[n % doors.length], n)));
  const orders = filed.map(({order}) => order);
  const record = [];
  await Promise.all(Array.from({length: doors.length * CALLERS_OF_A_DOOR},
      (_, n) => new Caller(n, doors[n % doors.length], orders, record).run()));

  assert.deepStrictEqual(check(filed, record), []);
  const changes = record.filter(({verb, refused}) => verb && !refused);
  const refused = record.filter((operation) => operation.refused);
  // Otherwise nobody stood in anybody's way.
  assert.ok(refused.length > changes.length / 10, `${refused.length} refusals beside ${changes.length} changes`);

  const seqs = new Set();
  for (const {order, version: first} of filed) {
    const {response: {events}} = await doors[0].call(T + 'ListTicketEvents', {parent: order, pageSize: 1000});
    assert.deepStrictEqual(events.map(({fact}) => Number(fact.version)), events.map((_, i) => i + 1));
    const versions = changes.filter((change) => change.order === order).map(({version}) => version);
    assert.deepStrictEqual(versions.sort((a, b) => a - b), events.slice(first).map((_, i) => first + i + 1));
    events.forEach(({seq}) => assert.ok(!seqs.has(seq) && seqs.add(seq), `${order}: ${seq} twice`));
  }
  const chains = await suite.verify(process.argv[3]);
  context.diagnostic(`${changes.length} changes of ${ORDERS} orders by ${doors.length * CALLERS_OF_A_DOOR} callers, ` +
      `${refused.length} refused, ${record.length - changes.length - refused.length} reads\n${chains}`);
});
