// The primary of PostgreSQL is killed while 128 orders are being filed through the gateway, and its
// synchronous standby takes its place. Callers send again what was not acknowledged.
// node failover_test.js PATH_OF_BAIMI_SUITE PATH_OF_BAIMICTL, in the form "standby"
'use strict';

const assert = require('node:assert');
const {after, before, test} = require('node:test');
const grpc = require('@grpc/grpc-js');
const {ready} = require('./suite.js');
const {Background, IN_FLIGHT} = require('./load.js');

let suite;

before(async () => { suite = await ready(process.argv[2]); });
after(() => suite && suite.dispose());

test('Kill_OfThePostgresPrimaryUnderLoad_LosesAndRepeatsNothing', async (context) => {
  const {primary, standby} = suite.form.postgres;
  const load = new Background(suite.client(), 'failover', {insists: true});
  context.after(() => load.end());
  await load.answers(600);
  primary.kill();
  const killed = performance.now();
  // Whoever watches the servers needs a while to be sure; by then every caller has been refused.
  await load.until(() => load.failures.length >= IN_FLIGHT);
  const told = performance.now();
  const recovered = load.recovery(told);
  await standby.promote();
  const promoted = performance.now();
  const seconds = await recovered;
  await load.answers(600);
  await load.end();

  // A caller that heeds what it is told gets through: every refusal says that it may come again.
  const reasons = new Map();
  for (const {id, code, message, info} of load.failures) {
    assert.ok([grpc.status.UNAVAILABLE, grpc.status.DEADLINE_EXCEEDED].includes(code), `${id}: ${message}`);
    const {reason} = info.find((detail) => detail['@type'] === 'google.rpc.ErrorInfo') || {};
    assert.ok(reason, `${id}: ${message}`);
    reasons.set(reason, (reasons.get(reason) || 0) + 1);
  }
  const client = suite.client();
  await load.check(client);
  client.close();
  // Through the URI that names both: the chain is that of the new primary.
  const verified = await suite.verify(process.argv[3]);
  assert.strictEqual(await standby.sql('SELECT pg_is_in_recovery()'), 'f');
  const between = (from, to) => ((to - from) / 1000).toFixed(2);
  context.diagnostic(`${load.acknowledged.size} orders acknowledged, 0 lost, 0 doubled; ` +
      `${load.failures.length} calls failed and were repeated ${JSON.stringify([...reasons])}; ` +
      `${between(killed, told)} s from the kill to the order to promote, ${between(told, promoted)} s to the ` +
      `promotion, ${seconds.toFixed(2)} s to the first new order\n${verified}`);
});
