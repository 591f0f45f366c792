// Told to stop under load: what was accepted is answered, what came later was never started, and the
// process ends well. node drain_test.js PATH_OF_BAIMI_SUITE
'use strict';

const assert = require('node:assert');
const {after, before, test} = require('node:test');
const grpc = require('@grpc/grpc-js');
const {COUNTY, ready} = require('./suite.js');
const {Load, filed} = require('./load.js');

let suite;
let rounds = 0;

before(async () => { suite = await ready(process.argv[2]); });
after(() => suite && suite.dispose());

const saysDraining = ({error}) => error.info.some(({reason}) => reason === 'SERVER_DRAINING');

// One stop under load. Resolves to the load and what was refused.
async function stopUnderLoad() {
  const load = new Load(`d${++rounds}`);
  const refused = [];
  load.failed = (id, error) => {
    refused.push({id, error});
    return true;  // It was told to go elsewhere.
  };
  const client = suite.client();
  let exited;
  await load.run(client, () => {
    if (!exited && load.acknowledged.size >= 300) exited = suite.stop('SIGTERM');
  });
  client.close();
  const {code, signal} = await exited;
  assert.deepStrictEqual({code, signal}, {code: 0, signal: null});
  return {load, refused};
}

test('Sigterm_UnderLoad_FinishesWhatWasAcceptedAndExitsZero', async () => {
  let draining = [];
  // A client may be too slow to meet the drain; not five times.
  for (let attempt = 0; attempt < 5 && draining.length === 0; attempt++) {
    const {load, refused} = await stopUnderLoad();
    draining = refused.filter(saysDraining);
    // gRPC itself cancels calls that reach it in the moment it closes; they are not started either.
    const cancelled = refused.filter(({error}) => error.code === grpc.status.CANCELLED);
    for (const {error} of refused) {
      assert.ok([grpc.status.UNAVAILABLE, grpc.status.CANCELLED].includes(error.code), error.message);
    }

    await suite.start();
    const again = suite.client();
    const orders = await filed(again);
    again.close();
    for (const [id, name] of load.acknowledged) assert.deepStrictEqual(orders.get(id), [name], id);
    for (const {id} of [...draining, ...cancelled]) assert.strictEqual(orders.get(id), undefined, `${id} was started`);
  }
  assert.ok(draining.length > 0, 'no call met the drain');
});

test('Sigterm_WithAnOpenWatch_EndsItWithServerDraining', async () => {
  const client = suite.client();
  const stream = client.stream('baimi.ticket.v1.TicketService/WatchTickets', {parent: COUNTY});
  let exited;
  const end = await new Promise((resolve) => {
    stream.on('data', () => { exited = exited || suite.stop('SIGTERM'); });
    stream.on('error', resolve);
  });
  client.close();
  assert.strictEqual(end.code, grpc.status.UNAVAILABLE, end.message);
  assert.match(end.details, /going away/);
  assert.strictEqual((await exited).code, 0);
});
