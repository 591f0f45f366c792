// Killed again and again while 128 orders are being filed; nothing acknowledged is lost, nothing is
// there twice, and the chains verify.
// node kill_test.js PATH_OF_BAIMI_SUITE PATH_OF_BAIMICTL [ROUNDS]
'use strict';

const assert = require('node:assert');
const {after, before, test} = require('node:test');
const {ready} = require('./suite.js');
const {Load, filed} = require('./load.js');

const ROUNDS = Number(process.argv[4] || 20);
let suite;

before(async () => { suite = await ready(process.argv[2]); });
after(() => suite && suite.dispose());

test(`Suite_Killed${ROUNDS}Times_KeepsEveryAcknowledgedOrderOnce`, async (context) => {
  const load = new Load();
  let interrupted = 0;
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0) await suite.start();
    const client = suite.client();
    // At another moment each time.
    const until = load.acknowledged.size + 60 + 37 * (round % 7);
    let killed;
    await load.run(client, () => {
      if (!killed && load.acknowledged.size >= until) {
        load.stop();
        killed = suite.stop('SIGKILL');
      }
    });
    assert.strictEqual((await killed).signal, 'SIGKILL');
    interrupted += load.open.size;
    client.close();
  }
  // Calls were cut off in the middle, or nothing was tried.
  assert.ok(interrupted >= ROUNDS, `${interrupted} calls interrupted`);

  await suite.start();
  const client = suite.client();
  await load.settle(client);
  const orders = await filed(client);
  client.close();
  for (const [id, name] of load.acknowledged) assert.deepStrictEqual(orders.get(id), [name], id);
  assert.strictEqual(orders.size, load.acknowledged.size);
  assert.strictEqual((await suite.stop()).code, 0);

  const verified = await suite.verify(process.argv[3]);
  context.diagnostic(`${load.acknowledged.size} orders, ${interrupted} calls interrupted\n${verified}`);
});
