// A TCP gate between the gateway and the services: slow, sliced, cut and half-open connections.
// node gate_test.js PATH_OF_BAIMI_SUITE PATH_OF_BAIMICTL, in the form "processes"
'use strict';

const assert = require('node:assert');
const {execFile} = require('node:child_process');
const path = require('node:path');
const {after, afterEach, before, test} = require('node:test');
const {detailsOf, status} = require('./client.js');
const {ask, lifeOverHttp} = require('./http.js');
const {IN_FLIGHT, Load, filed} = require('./load.js');
const {FILED, wholeLife} = require('./order.js');
const {COUNTY, Suite, makeCounty} = require('./suite.js');
const {TcpGate} = require('./tcp_gate.js');

const T = 'baimi.ticket.v1.TicketService/';
// What a caller may hear of a connection that failed behind the gateway.
const CLEAN = {
  UNAVAILABLE: ['DEPENDENCY_UNAVAILABLE', 'COMMIT_OUTCOME_UNKNOWN', 'SERVER_DRAINING'],
  DEADLINE_EXCEEDED: ['DEADLINE_PASSED'],
};

let suite;
// All of them, and the one before the ticket service.
const gates = [];
let gate;
// request_id -> name, of every order that a load was told of.
const acknowledged = new Map();

before(async () => {
  suite = new Suite(path.resolve(process.argv[2]));
  suite.form.way = async (replica) => {
    const stands = await new TcpGate(replica.grpc).open();
    gates.push(stands);
    if (suite.form.tickets.includes(replica)) gate = stands;
    return stands.address;
  };
  // The shortest that there is.
  suite.form.gatewayArgs = ['--upstream.keepalive', '10s', '--upstream.keepalive_timeout', '1s'];
  await suite.start();
  await makeCounty(suite);
});
after(() => Promise.all(gates.map((one) => one.close())));
after(() => suite && suite.dispose());
afterEach(() => {
  for (const one of gates) {
    one.delay(0);
    one.slice(Infinity);
    one.admit();
  }
});

async function lives(requestId) {
  const clients = {};
  const call = async (key, method, request) => {
    clients[key] = clients[key] || suite.client(key);
    return (await clients[key].call(T + method, request, {seconds: 60})).response;
  };
  try {
    await wholeLife({
      file: (ticket, id) => call('clerk', 'CreateTicket', {parent: COUNTY, ticket, requestId: id}),
      step: (method, verb, body, key, name) => call(key, method, {name, ...body}),
      events: async (parent) => (await call('clerk', 'ListTicketEvents', {parent})).events,
    }, {requestId});
  } finally {
    for (const client of Object.values(clients)) client.close();
  }
  await lifeOverHttp(suite, suite.http, () => {}, {requestId: `${requestId}-http`});
}

// The answer of a failed call is one of CLEAN, with its reason; the client itself ends a call at its
// deadline without one.
function assertClean(error) {
  const code = status[error.code];
  assert.ok(CLEAN[code], `${code}: ${error.message}`);
  const {reason} = error.info.find((detail) => detail['@type'] === 'google.rpc.ErrorInfo') || {};
  if (reason === undefined && code === 'DEADLINE_EXCEEDED') return;
  assert.ok(CLEAN[code].includes(reason), `${code} ${reason}: ${error.message}`);
}

function assertCleanHttp(answer) {
  const {error} = answer.body;
  const reasons = (error.details || []).map(({reason}) => reason);
  assert.ok(CLEAN[error.status], `${answer.status} ${JSON.stringify(answer.body)}`);
  assert.ok(CLEAN[error.status].some((reason) => reasons.includes(reason)), JSON.stringify(answer.body));
}

// A load whose failed calls stand in `failures`; `failed(load)` after each of them.
function makeLoad(prefix, failed = () => {}) {
  const load = new Load(prefix, {insists: true});
  load.failures = [];
  load.failed = (id, error) => {
    load.failures.push(error);
    failed(load);
    return false;
  };
  return load;
}

// Every id is acknowledged in the end, with the order that stands under it.
async function settle(load, client) {
  load.failures.forEach(assertClean);
  await load.settle(client);
  for (const [id, name] of load.acknowledged) acknowledged.set(id, name);
  const orders = await filed(client);
  for (const [id, name] of load.acknowledged) assert.deepStrictEqual(orders.get(id), [name], id);
}

async function retries() {
  const metrics = await (await fetch(`http://${suite.admin}/metrics`)).text();
  return [...metrics.matchAll(/^baimi_gateway_retries_total\{.*\} (\d+)/mg)]
      .reduce((sum, [, count]) => sum + Number(count), 0);
}

test('Order_EveryChunkDelayed_LivesItsLife', async () => {
  const before = gate.delayed;
  gates.forEach((one) => one.delay(15));
  await lives('delayed');
  assert.ok(gate.delayed - before > 50, `${gate.delayed - before} chunks delayed`);
});

test('Order_EveryChunkSliced_LivesItsLife', async () => {
  const before = gate.pieces;
  gates.forEach((one) => one.slice(3));
  await lives('sliced');
  assert.ok(gate.pieces - before > 1000, `${gate.pieces - before} pieces`);
});

test('Creates_ConnectionsCutUnderLoad_LoseAndRepeatNothing', async (context) => {
  const CUTS = 8;
  const client = suite.client();
  let refusedSince;
  const load = makeLoad('cut', ({failures}) => {
    // Whoever fails while nobody is let in: enough of it.
    if (gate.refusing && failures.length - refusedSince >= IN_FLIGHT) gate.admit();
  });
  const [cuts, again] = [gate.cuts, await retries()];
  let next = IN_FLIGHT;
  let rounds = 0;
  let last;
  await load.run(client, () => {
    const count = load.acknowledged.size;
    if (last && !gate.refusing && count >= last) return load.stop();
    if (last || count < next || gate.pairs.size === 0) return;
    // At another moment each time.
    next = count + 20 + 13 * (rounds++ % 5);
    if (rounds === CUTS) {
      refusedSince = load.failures.length;
      gate.refuse();
      last = count + 2 * IN_FLIGHT;
    }
    gate.cut();
  });
  assert.ok(gate.cuts - cuts >= CUTS, `${gate.cuts - cuts} connections cut`);
  assert.ok(load.failures.length >= IN_FLIGHT, `${load.failures.length} calls failed`);
  const repeated = await retries() - again;
  assert.ok(repeated > 0, 'no call met a cut');
  await settle(load, client);
  client.close();
  context.diagnostic(`${load.acknowledged.size} orders, ${gate.cuts - cuts} connections cut, ` +
      `${repeated} calls repeated by the gateway, ${load.failures.length} by the caller`);
});

test('HalfOpen_CallsEndByTheirDeadlineAndTheGatewayRecovers', async (context) => {
  const client = suite.client();
  const watch = client.stream(T + 'WatchTickets', {parent: COUNTY}, {seconds: 120});
  const cut = new Promise((resolve) => watch.once('error', resolve));
  await new Promise((resolve) => watch.once('data', resolve));

  const began = performance.now();
  const since = () => ((performance.now() - began) / 1000).toFixed(2);
  gate.swallow();
  const load = makeLoad('half-open', (self) => self.stop());
  load.seconds = 3;
  // It has no deadline but the gateway's.
  const overHttp = ask(suite.http, suite.token('clerk'), 'POST', `/v1/${COUNTY}/tickets?requestId=half-open-http`,
      {...FILED, title: '电梯停运 half-open-http'});
  await load.run(client);
  assert.strictEqual(load.acknowledged.size, 0);
  assert.strictEqual(load.failures.length, IN_FLIGHT);
  const ended = since();

  // New connections pass, the old one is as dead as before until somebody asks whether it lives: the
  // watch, which has no deadline to end by, hears of it, and calls come through again.
  gate.admit();
  const patient = makeLoad('patient');
  await patient.run(client, () => patient.stop());
  const answered = since();
  const broken = await cut;
  assert.strictEqual(broken.code, status.UNAVAILABLE, broken.message);
  assertClean(Object.assign(broken, {info: detailsOf(broken)}));
  assert.ok(gate.swallowed > 0);
  const http = await overHttp;
  if (http.status !== 200) assertCleanHttp(http);
  await settle(patient, client);
  await settle(load, client);
  client.close();
  context.diagnostic(`${IN_FLIGHT} calls ended ${ended} s after the connection went silent, ` +
      `the first one was answered again after ${answered} s`);
});

test('Journal_AfterAllOfIt_IsWhole', async () => {
  const client = suite.client();
  const orders = await filed(client);
  client.close();
  const twice = [...orders].filter(([id, names]) => acknowledged.has(id) && names.length !== 1);
  assert.deepStrictEqual(twice, []);
  await suite.stop('SIGKILL');
  const verified = await new Promise((resolve) => {
    execFile(process.argv[3], ['verify', '--data', suite.data],
        (error, stdout, stderr) => resolve({code: error ? error.code : 0, output: stdout + stderr}));
  });
  assert.strictEqual(verified.code, 0, verified.output);
});
