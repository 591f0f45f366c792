// One replica of two goes away while 128 orders are being filed through the gateway: restarted, so
// that nobody notices; killed, so that nothing is lost or done twice.
// node rolling_test.js PATH_OF_BAIMI_SUITE PATH_OF_BAIMICTL, in the form "replicas"
'use strict';

const assert = require('node:assert');
const {after, before, test} = require('node:test');
const {Suite, ready} = require('./suite.js');
const {Background} = require('./load.js');

let suite;

before(async () => { suite = await ready(process.argv[2]); });
after(() => suite && suite.dispose());

// How many orders the replica has filed since it was started.
function created(replica) {
  return Suite.metric(replica.admin, 'baimi_rpc_served_total', /TicketService\/CreateTicket",code="OK"/);
}

async function check(load) {
  const client = suite.client();
  await load.check(client);
  client.close();
}

test('RollingRestart_OfBothTicketReplicasUnderLoad_FailsNoCall', async (context) => {
  const load = new Background(suite.client(), 'rolling');
  context.after(() => load.end());
  await load.answers(300);
  for (const replica of suite.form.tickets) {
    const {code, signal} = await replica.stop('SIGTERM');
    assert.deepStrictEqual({code, signal}, {code: 0, signal: null});
    await replica.start();
    // As whoever restarts one after the other does: not before the last one works again.
    while (await created(replica) === 0) await load.answers(1);
  }
  await load.answers(300);
  await load.end();
  assert.deepStrictEqual(load.failures, []);
  await check(load);
  context.diagnostic(`${load.acknowledged.size} orders filed, 0 calls failed`);
});

test('Kill_OfOneTicketReplicaUnderLoad_LosesAndRepeatsNothing', async (context) => {
  const load = new Background(suite.client(), 'killed', {insists: true});
  context.after(() => load.end());
  await load.answers(300);
  const [victim, other] = suite.form.tickets;
  const before = await created(other);
  const killed = performance.now();
  assert.strictEqual((await victim.stop('SIGKILL')).signal, 'SIGKILL');
  const seconds = await load.recovery(killed);
  await load.answers(128);
  const all = (performance.now() - killed) / 1000;
  assert.ok(await created(other) > before, 'the other one goes on');
  await victim.start();
  while (await created(victim) === 0) await load.answers(1);
  await load.end();
  await check(load);

  const verified = await suite.verify(process.argv[3]);
  context.diagnostic(`${load.acknowledged.size} orders acknowledged, 0 lost, 0 doubled; ` +
      `${load.failures.length} calls failed and were repeated; from the kill ${seconds.toFixed(2)} s to the first ` +
      `new order, ${all.toFixed(2)} s to 128\n${verified}`);
});
