// Two replicas of the ticket service of which one cannot tell the other anything: everything that the
// first says in Redis is refused, so that its invalidations and wake-ups are lost. What it writes is
// seen through the second all the same. And two that are asked for the same at the same time.
// node freshness_test.js PATH_OF_BAIMI_SUITE PATH_OF_BAIMICTL, in the form "replicas"
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const {after, before, test} = require('node:test');
const grpc = require('@grpc/grpc-js');
const {COUNTY, ready} = require('./suite.js');
const {BOUND_MS, awaitVersion, doorsOf, read, seqOf, versionOf} = require('./freshness.js');
const {FILED, STEPS} = require('./order.js');

const T = 'baimi.ticket.v1.TicketService/';
const LIVES = 4;
let suite;
// By key: the doors of the mute replica and of the other one.
const doors = {};
let requests = 0;
// Of the keys of orders in Redis.
let prefix;

before(async () => {
  suite = await ready(process.argv[2]);
  const [mute] = suite.form.tickets;
  const {redis} = suite.form;
  const password = path.join(suite.data, 'redis-password');
  fs.writeFileSync(password, 'mute');
  assert.strictEqual(await redis.command('ACL', 'SETUSER', 'mute', 'on', '>mute', '+auth', '+ping'), 'OK');
  assert.strictEqual((await mute.stop('SIGTERM')).code, 0);
  mute.args = [...mute.args, '--redis.user', 'mute', '--redis.password_file', password];
  await mute.start();
  for (const key of ['admin', 'clerk', 'unit-zhujianju']) doors[key] = doorsOf(suite, key);
});
after(async () => {
  for (const client of Object.values(doors).flat()) client.close();
  if (suite) await suite.dispose();
});

const call = (client, method, request) =>
  client.call(T + method, {requestId: `r-${requests++}`, ...request}, {seconds: 30});

// Through the mute replica; `key` as STEPS name it.
const change = (key, method, request) => call(doors[key][0], method, request);
const file = async () => (await change('clerk', 'CreateTicket', {parent: COUNTY, ticket: FILED})).response;

// The entry of an order in Redis, byte by byte; "(nil)" when there is none.
async function entryOf(name) {
  const {redis} = suite.form;
  if (!prefix) {
    const key = await redis.command('KEYS', `*/tickets/${name}`);
    prefix = key.slice(0, key.length - name.length);
  }
  return redis.command('--no-raw', 'GET', prefix + name);
}

// What the mute replica was refused, by command.
async function refused() {
  const log = await suite.form.redis.command('ACL', 'LOG', '128');
  return new Set([...log.matchAll(/^object\n(\S+)$/gm)].map(([, command]) => command));
}

test('LostInvalidations_OfTheOtherReplica_BoundHowOldAReadIs', async (context) => {
  let older = 0;
  let changes = 0;
  for (let life = 0; life < LIVES; life++) {
    const {name} = await file();
    for (const [method, , body, key] of STEPS) {
      // The value that nobody takes back.
      let entry;
      do {
        await read(doors.admin[1], name);
        entry = await entryOf(name);
      } while (entry === '(nil)');
      const answer = await change(key, method, {...body, name});
      const changed = Date.now();
      assert.strictEqual(await entryOf(name), entry, 'it was taken back after all');
      const want = versionOf(answer.response);
      if (changes++ % 2 === 0) {
        assert.strictEqual(versionOf(await read(doors.admin[1], name, seqOf(answer))), want, method);
      } else {
        older += await awaitVersion(doors.admin[1], name, want, changed);
      }
    }
  }
  const commands = await refused();
  assert.ok(commands.has('publish') && commands.has('evalsha') && commands.has('subscribe'), [...commands].join());
  context.diagnostic(`${changes} changes that the other replica was not told of: ${older} reads were behind, none by ` +
      `more than ${BOUND_MS} ms`);
});

test('LostInvalidations_ReadsOfTheCallerThroughTheGateway_ShowItsOwnWrites', async () => {
  const clients = {};
  const {name} = await file();
  for (const [method, , body, key] of STEPS) {
    const client = clients[key] = clients[key] || suite.client(key);
    for (const door of doors.admin) await read(door, name);
    const {response} = await call(client, method, {...body, name});
    // Round both replicas, whichever made it.
    for (let time = 0; time < 6; time++) {
      assert.strictEqual(versionOf(await read(client, name)), versionOf(response), method);
    }
  }
  for (const client of Object.values(clients)) client.close();
});

test('LostWakeUps_WatchAtTheOtherReplica_MissesNothing', async () => {
  const watch = doors.admin[1].stream(T + 'WatchTickets', {parent: COUNTY}, {seconds: 60});
  const seen = [];
  const names = [];
  for await (const {event, cursor} of watch) {
    assert.ok(cursor);
    if (event && names.includes(event.ticket)) seen.push(Number(event.seq));
    // The first message says where the watch stands.
    if (names.length < 5) names.push((await file()).name);
    else if (seen.length >= 15) break;
  }
  // Filed, accepted and queued, each.
  assert.deepStrictEqual(seen, Array.from(seen, (_, i) => seen[0] + i));
});

// `calls` at once, half of them through each replica.
async function race(key, method, request, calls = 8) {
  const ends = await Promise.allSettled(
      Array.from({length: calls}, (_, i) => call(doors[key][i % 2], method, request)));
  return {
    answers: ends.filter(({status}) => status === 'fulfilled').map(({value}) => value),
    errors: ends.filter(({status}) => status === 'rejected').map(({reason}) => reason),
  };
}

const factsOf = async (name, kind) =>
  (await doors.clerk[1].call(T + 'ListTicketEvents', {parent: name, pageSize: 100})).response.events
      .filter(({fact}) => fact[kind]);

test('SameCommand_ThroughBothReplicasAtOnce_HasOneWinner', async () => {
  for (let order = 0; order < 20; order++) {
    const filed = await file();
    const etag = order % 2 === 0 ? {etag: filed.etag} : {};
    const {answers, errors} = await race('clerk', 'DispatchTicket', {name: filed.name, ...etag});
    assert.strictEqual(answers.length, 1, errors.map(({message}) => message).join('\n'));
    for (const {code, message} of errors) {
      assert.strictEqual(code, order % 2 === 0 ? grpc.status.ABORTED : grpc.status.FAILED_PRECONDITION, message);
    }
    assert.strictEqual((await factsOf(filed.name, 'dispatched')).length, 1);
  }
});

test('SameRequestId_ThroughBothReplicasAtOnce_HasOneEffectAndOneAnswer', async () => {
  for (let order = 0; order < 10; order++) {
    const {name} = await file();
    const {answers, errors} = await race('clerk', 'DispatchTicket', {name, requestId: `same-${order}`});
    assert.deepStrictEqual(errors, []);
    for (const {response} of answers) assert.deepStrictEqual(response, answers[0].response);
    assert.strictEqual((await factsOf(name, 'dispatched')).length, 1);
  }
});

test('Updates_OfOneOrderThroughBothReplicasAtOnce_AreNotLost', async () => {
  const {name} = await file();
  for (const [method, , body, key] of STEPS.slice(0, 4)) await change(key, method, {...body, name});
  const {answers, errors} = await race('clerk', 'RecordCallback', {name, callback: {outcome: 'NO_ANSWER'}}, 16);
  assert.deepStrictEqual(errors, []);
  const last = answers.reduce((a, b) => versionOf(a.response) > versionOf(b.response) ? a : b);
  assert.strictEqual(last.response.callbacks.length, 16);
  assert.strictEqual((await read(doors.admin[1], name, seqOf(last))).callbacks.length, 16);
  assert.strictEqual((await factsOf(name, 'callbackRecorded')).length, 16);
});

test('Journals_AfterAllThat_AreWhole', async (context) => {
  context.diagnostic(await suite.verify(process.argv[3]));
});
