// The primary of PostgreSQL is killed while 128 orders are being filed through the gateway, and its
// synchronous standby takes its place; twice, so that both servers have been both. Callers send again
// what was not acknowledged.
// node failover_test.js PATH_OF_BAIMI_SUITE PATH_OF_BAIMICTL, in the form "standby"
'use strict';

const assert = require('node:assert');
const {after, before, test} = require('node:test');
const grpc = require('@grpc/grpc-js');
const {ready} = require('./suite.js');
const {Background} = require('./load.js');

let suite;

before(async () => { suite = await ready(process.argv[2]); });
after(() => suite && suite.dispose());

async function allUnready() {
  const answers = await Promise.all(suite.form.tickets.map(({admin}) => fetch(`http://${admin}/readyz`)));
  return answers.every(({status}) => status === 503);
}

// Whoever watches the servers is `sure` a while after the kill, and promotes the standby. Resolves to how
// long things took.
async function failOver(load, sure) {
  const {primary, standby} = suite.form.postgres;
  await load.answers(300);
  primary.kill();
  const killed = performance.now();
  await sure();
  const told = performance.now();
  const recovered = load.recovery(told);
  await standby.promote();
  const promoted = performance.now();
  const seconds = await recovered;
  await load.answers(300);
  const between = (from, to) => ((to - from) / 1000).toFixed(2);
  return `${between(killed, told)} s from the kill to the order to promote, ${between(told, promoted)} s to the ` +
      `promotion, ${seconds.toFixed(2)} s to the first new order`;
}

// A caller that heeds what it is told gets through: every refusal says that it may come again. Resolves
// to how many there were of each kind.
function checkFailures(failures) {
  const reasons = {};
  for (const {id, code, message, info} of failures) {
    assert.ok([grpc.status.UNAVAILABLE, grpc.status.DEADLINE_EXCEEDED].includes(code), `${id}: ${message}`);
    const {reason} = info.find((detail) => detail['@type'] === 'google.rpc.ErrorInfo') || {};
    assert.ok(reason, `${id}: ${message}`);
    reasons[reason] = (reasons[reason] || 0) + 1;
  }
  return JSON.stringify(reasons);
}

test('Kill_OfThePostgresPrimaryUnderLoad_LosesAndRepeatsNothing', async (context) => {
  const load = new Background(suite.client(), 'failover', {insists: true});
  context.after(() => load.end());
  const times = [await failOver(load, () => {})];
  await suite.form.postgres.rejoin();
  // The second time nobody notices until the replicas have said that they cannot serve.
  times.push(await failOver(load, async () => { while (!await allUnready()); }));
  await load.end();

  const reasons = checkFailures(load.failures);
  const client = suite.client();
  await load.check(client);
  client.close();
  // Through the URI that names both: the chain is that of the last primary.
  const verified = await suite.verify(process.argv[3]);
  context.diagnostic(`${load.acknowledged.size} orders acknowledged, 0 lost, 0 doubled; ${load.failures.length} ` +
      `calls failed and were repeated: ${reasons}\n${times.join('\n')}\n${verified}`);
});
