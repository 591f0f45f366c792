// `buf curl`, which knows nothing but the server's reflection: node buf_test.js PATH_OF_BAIMI_SUITE
'use strict';

const assert = require('node:assert');
const {execFile} = require('node:child_process');
const path = require('node:path');
const {after, before, test} = require('node:test');
const {COUNTY, ready} = require('./suite.js');
const {wholeLife} = require('./order.js');

const BUF = path.join(__dirname, 'node_modules', '.bin', 'buf');
const SERVICE = 'baimi.ticket.v1.TicketService/';
let suite;

before(async () => { suite = await ready(process.argv[2]); });
after(() => suite && suite.dispose());

function curl(key, method, request) {
  const args = ['curl', '--protocol', 'grpc', '--http2-prior-knowledge', '--reflect',
    '-H', `authorization: Bearer ${suite.token(key)}`, '-d', JSON.stringify(request),
    `http://${suite.grpc}/${SERVICE}${method}`];
  return new Promise((resolve, reject) => {
    execFile(BUF, args, {maxBuffer: 1 << 24, timeout: 60000}, (error, stdout, stderr) => {
      if (error) return reject(new Error(`buf curl ${method}: ${stderr}${stdout}`));
      resolve(JSON.parse(stdout));
    });
  });
}

test('Order_OverBufCurl_IsFiledAndClosed', async () => {
  await wholeLife({
    file: (ticket, requestId) => curl('clerk', 'CreateTicket', {parent: COUNTY, ticket, requestId}),
    step: (method, verb, body, key, name) => curl(key, method, {name, ...body}),
    events: async (parent) => (await curl('clerk', 'ListTicketEvents', {parent})).events,
  });
});

test('Errors_OverBufCurl_AreShown', async () => {
  await assert.rejects(curl('clerk', 'GetTicket', {name: `${COUNTY}/tickets/20000101-000001`}), /not_found/);
});
