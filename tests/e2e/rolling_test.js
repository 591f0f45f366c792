// One replica of two goes away while 128 orders are being filed through the gateway: restarted, so
// that nobody notices; killed, so that nothing is lost or done twice.
// node rolling_test.js PATH_OF_BAIMI_SUITE PATH_OF_BAIMICTL, in the form "replicas"
'use strict';

const assert = require('node:assert');
const {execFile} = require('node:child_process');
const {after, before, test} = require('node:test');
const {ready} = require('./suite.js');
const {Load, filed} = require('./load.js');

let suite;

before(async () => { suite = await ready(process.argv[2]); });
after(() => suite && suite.dispose());

// How many orders the replica has filed since it was started.
async function created(replica) {
  const metrics = await (await fetch(`http://${replica.admin}/metrics`)).text();
  const line = /^baimi_rpc_served_total\{method="\/baimi\.ticket\.v1\.TicketService\/CreateTicket",code="OK"\} (\d+)/m;
  return Number((line.exec(metrics) || [0, 0])[1]);
}

// The next `count` acknowledgements from now on.
function acknowledged(load, count) {
  const until = load.acknowledged.size + count;
  return new Promise((resolve) => load.waiting.push({until, resolve}));
}

// A load that runs until it is stopped, and the failures of its calls.
function startLoad(prefix) {
  const load = Object.assign(new Load(prefix), {waiting: [], failures: []});
  load.failed = (id, error) => {
    load.failures.push(`${id}: ${error.message}`);
    return false;
  };
  const client = suite.client();
  const running = load.run(client, () => {
    load.waiting = load.waiting.filter(({until, resolve}) => load.acknowledged.size < until || resolve());
  });
  load.end = async () => {
    load.stop();
    await running;
    client.close();
  };
  return load;
}

// Every acknowledged order is there, none twice.
async function checkOrders(load) {
  const client = suite.client();
  await load.settle(client);
  const orders = await filed(client);
  client.close();
  for (const [id, name] of load.acknowledged) assert.deepStrictEqual(orders.get(id), [name], id);
  const twice = [...orders].filter(([, names]) => names.length > 1);
  assert.deepStrictEqual(twice, []);
}

test('RollingRestart_OfBothTicketReplicasUnderLoad_FailsNoCall', async (context) => {
  const load = startLoad('rolling');
  await acknowledged(load, 300);
  for (const replica of suite.form.tickets) {
    const {code, signal} = await replica.stop('SIGTERM');
    assert.deepStrictEqual({code, signal}, {code: 0, signal: null});
    await replica.start();
    // As whoever restarts one after the other does: not before the last one works again.
    while (await created(replica) === 0) await acknowledged(load, 1);
  }
  await acknowledged(load, 300);
  await load.end();
  assert.deepStrictEqual(load.failures, []);
  await checkOrders(load);
  context.diagnostic(`${load.acknowledged.size} orders filed, 0 calls failed`);
});

test('Kill_OfOneTicketReplicaUnderLoad_LosesAndRepeatsNothing', async (context) => {
  const load = startLoad('killed');
  await acknowledged(load, 300);
  const [victim, other] = suite.form.tickets;
  const before = await created(other);
  const killed = performance.now();
  assert.strictEqual((await victim.stop('SIGKILL')).signal, 'SIGKILL');
  await acknowledged(load, 128);
  const recovered = (performance.now() - killed) / 1000;
  assert.ok(await created(other) > before, 'the other one goes on');
  await victim.start();
  while (await created(victim) === 0) await acknowledged(load, 1);
  await load.end();
  await checkOrders(load);

  const verified = await new Promise((resolve) => {
    execFile(process.argv[3], ['verify', '--data', suite.data],
        (error, stdout, stderr) => resolve({code: error ? error.code : 0, output: stdout + stderr}));
  });
  assert.strictEqual(verified.code, 0, verified.output);
  context.diagnostic(`${load.acknowledged.size} orders, ${load.failures.length} calls failed and were repeated, ` +
      `${recovered.toFixed(2)} s from the kill to 128 more orders\n${verified.output}`);
});
