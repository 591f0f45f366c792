// grpc-js against the finished suite: node grpc_test.js PATH_OF_BAIMI_SUITE
'use strict';

const assert = require('node:assert');
const {once} = require('node:events');
const http2 = require('node:http2');
const {after, before, test} = require('node:test');
const grpc = require('@grpc/grpc-js');
const {COUNTY, ready} = require('./suite.js');
const {FILED, wholeLife} = require('./order.js');

const SERVICE = 'baimi.ticket.v1.TicketService/';
let suite;
const clients = {};

function client(key) {
  clients[key] = clients[key] || suite.client(key);
  return clients[key];
}

before(async () => { suite = await ready(process.argv[2]); });
after(() => suite && suite.dispose());
after(() => Object.values(clients).forEach((one) => one.close()));

test('Order_OverGrpc_IsFiledAndClosed', async () => {
  await wholeLife({
    file: async (ticket, requestId) =>
      (await client('clerk').call(SERVICE + 'CreateTicket', {parent: COUNTY, ticket, requestId})).response,
    step: async (method, verb, body, key, name) => {
      const {response, trailer} = await client(key).call(SERVICE + method, {name, ...body});
      assert.match(trailer.get('baimi-seq')[0], /^[0-9]+$/);
      return response;
    },
    events: async (parent) =>
      (await client('clerk').call(SERVICE + 'ListTicketEvents', {parent})).response.events,
  });
});

test('Errors_OverGrpc_CarryReasonAndViolation', async () => {
  const bad = {...FILED, caller: {phone: '12345'}};
  await assert.rejects(client('clerk').call(SERVICE + 'CreateTicket', {parent: COUNTY, ticket: bad}), (error) => {
    assert.strictEqual(error.code, grpc.status.INVALID_ARGUMENT);
    const types = error.info.map((detail) => detail['@type']);
    assert.ok(types.includes('google.rpc.LocalizedMessage'), types.join());
    const violations = error.info.find((detail) => detail['@type'] === 'google.rpc.BadRequest');
    assert.strictEqual(violations.fieldViolations[0].field, 'ticket.caller.phone');
    return true;
  });
  await assert.rejects(client('clerk').call(SERVICE + 'GetTicket', {name: `${COUNTY}/tickets/20000101-000001`}),
      (error) => error.code === grpc.status.NOT_FOUND &&
          error.info.some((detail) => detail.reason === 'RESOURCE_NOT_FOUND'));
});

// gRPC itself takes such bytes from a connection and ends a process that hands them on.
test('Metadata_OfOtherBytes_EndsNoProcess', async () => {
  for (const name of ['authorization', 'traceparent', 'tracestate', 'baimi-actor', 'baimi-purpose', 'baimi-min-seq']) {
    const session = http2.connect(`http://${suite.grpc}`);
    const call = session.request({
      ':method': 'POST', ':path': `/${SERVICE}GetTicket`, 'content-type': 'application/grpc', te: 'trailers',
      authorization: `Bearer ${suite.token('clerk')}`, [name]: 'caf\u00e9\u00ff',
    });
    call.resume();
    call.end(Buffer.from([0, 0, 0, 0, 0]));
    await once(call, 'close');
    session.close();
  }
  const {response} = await client('clerk').call('grpc.health.v1.Health/Check', {});
  assert.strictEqual(response.status, 'SERVING');
});

test('Health_OverGrpc_Serves', async () => {
  const {response} = await client('clerk').call('grpc.health.v1.Health/Check', {});
  assert.strictEqual(response.status, 'SERVING');
});
