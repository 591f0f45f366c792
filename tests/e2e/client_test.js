// The client against a server of its own kind: what the end-to-end tests rely on.
'use strict';

const assert = require('node:assert');
const {execFile} = require('node:child_process');
const path = require('node:path');
const {after, before, test} = require('node:test');
const grpc = require('@grpc/grpc-js');
const {Client, definition} = require('./client.js');

const SERVICE = 'baimi.testing.v1.KitchenService';
let server;
let client;
let address;

function failure() {
  const info = definition['google.rpc.ErrorInfo'].serialize({reason: 'NO_DISH', domain: 'kitchen'});
  const status = definition['google.rpc.Status'].serialize({
    code: grpc.status.NOT_FOUND,
    message: 'no dish',
    details: [{type_url: 'type.googleapis.com/google.rpc.ErrorInfo', value: info}],
  });
  const metadata = new grpc.Metadata();
  metadata.set('grpc-status-details-bin', status);
  return {code: grpc.status.NOT_FOUND, details: 'no dish', metadata};
}

before(async () => {
  server = new grpc.Server();
  server.addService(definition[SERVICE], {
    GetDish(call, answer) {
      if (call.request.name === 'none') return answer(failure());
      const key = call.metadata.get('authorization')[0] || '';
      const trailer = new grpc.Metadata();
      trailer.set('baimi-seq', '7');
      return answer(null, {name: call.request.name, displayName: key, serial: '9007199254740993'}, trailer);
    },
    WatchDishes(call) {
      call.write({name: 'a'});
      call.write({name: 'b'});
      call.end();
    },
  });
  const port = await new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(),
        (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  address = `127.0.0.1:${port}`;
  client = new Client(address, 'secret');
});

after(() => {
  client.close();
  server.forceShutdown();
});

test('Call_Answer_KeepsNumbersAndTrailer', async () => {
  const {response, trailer} = await client.call(`${SERVICE}/GetDish`, {name: 'x'});
  assert.deepStrictEqual(response, {name: 'x', displayName: 'Bearer secret', serial: '9007199254740993'});
  assert.deepStrictEqual(trailer.get('baimi-seq'), ['7']);
});

test('Call_Failure_CarriesItsDetails', async () => {
  await assert.rejects(client.call(`${SERVICE}/GetDish`, {name: 'none'}), (error) => {
    assert.strictEqual(error.code, grpc.status.NOT_FOUND);
    assert.strictEqual(error.info[0]['@type'], 'google.rpc.ErrorInfo');
    assert.strictEqual(error.info[0].reason, 'NO_DISH');
    return true;
  });
});

test('Stream_Messages_ComeInOrder', async () => {
  const names = [];
  for await (const dish of client.stream(`${SERVICE}/WatchDishes`, {})) names.push(dish.name);
  assert.deepStrictEqual(names, ['a', 'b']);
});

function command(...args) {
  return new Promise((resolve) => {
    execFile(process.execPath, [path.join(__dirname, 'client.js'), ...args], (error, stdout, stderr) => {
      resolve({status: error ? error.code : 0, stdout, stderr});
    });
  });
}

test('Command_Answer_IsJson', async () => {
  const {status, stdout} = await command(address, `${SERVICE}/GetDish`, '{"name": "y"}', 'k');
  assert.strictEqual(status, 0);
  assert.strictEqual(JSON.parse(stdout).displayName, 'Bearer k');
});

test('Command_Failure_TellsCodeAndReason', async () => {
  const {status, stderr} = await command(address, `${SERVICE}/GetDish`, '{"name": "none"}');
  assert.strictEqual(status, 1);
  assert.match(stderr, /NOT_FOUND: no dish/);
  assert.match(stderr, /NO_DISH/);
});

test('Command_UnknownService_IsRefused', async () => {
  const {status, stderr} = await command(address, 'baimi.none.v1.NoService/Get');
  assert.strictEqual(status, 1);
  assert.match(stderr, /no service baimi.none.v1.NoService/);
});
