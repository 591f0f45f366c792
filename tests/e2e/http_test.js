// curl, fetch and an event stream against the finished suite: node http_test.js PATH_OF_BAIMI_SUITE
'use strict';

const assert = require('node:assert');
const {execFile} = require('node:child_process');
const {createHash} = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const {after, before, test} = require('node:test');
const {COUNTY, ready} = require('./suite.js');
const {FILED, wholeLife} = require('./order.js');
const {ask} = require('./http.js');

let suite;

before(async () => { suite = await ready(process.argv[2]); });
after(() => suite && suite.dispose());

function curl(key, method, target, body) {
  const args = ['--silent', '--show-error', '--fail-with-body', '--max-time', '30', '-X', method,
    '-H', `Authorization: Bearer ${suite.token(key)}`, `http://${suite.http}${target}`];
  if (body !== undefined) args.push('-H', 'Content-Type: application/json', '-d', JSON.stringify(body));
  return new Promise((resolve, reject) => {
    execFile('curl', args, (error, stdout, stderr) => {
      if (error) return reject(new Error(`curl ${target}: ${stderr}${stdout}`));
      resolve(JSON.parse(stdout));
    });
  });
}

test('Order_OverCurl_IsFiledAndClosed', async () => {
  await wholeLife({
    file: (ticket, requestId) => curl('clerk', 'POST', `/v1/${COUNTY}/tickets?requestId=${requestId}`, ticket),
    step: (method, verb, body, key, name) => curl(key, 'POST', `/v1/${name}:${verb}`, body),
    events: async (name) => (await curl('clerk', 'GET', `/v1/${name}/events`)).events,
  });
});

// A photo as a telephone makes it: what comes back is the picture, and not where it was taken.
test('Photo_OverCurl_IsUploadedCleanedAttachedAndRead', async () => {
  const photo = path.join(__dirname, '..', 'fuzz', 'corpus', 'picture', 'taken.jpg');
  assert.ok(fs.readFileSync(photo).includes('SECRET'));
  const blob = await new Promise((resolve, reject) => {
    execFile('curl', ['--silent', '--show-error', '--fail-with-body', '--max-time', '30',
      '-H', `Authorization: Bearer ${suite.token('clerk')}`, '-H', 'Content-Type: image/jpeg',
      '--data-binary', `@${photo}`, `http://${suite.http}/v1/${COUNTY}/blobs?requestId=photo-1`],
    (error, stdout) => error ? reject(new Error(stdout)) : resolve(JSON.parse(stdout)));
  });
  assert.strictEqual(blob.media.metadataRemoved, true);
  const ticket = await curl('clerk', 'POST', `/v1/${COUNTY}/tickets?blobs=${blob.name}`, FILED);
  assert.strictEqual(ticket.attachmentCount, 1);
  const chunk = await curl('clerk', 'GET', `/v1/${ticket.name}/attachments/1:read`);
  const bytes = Buffer.from(chunk.data, 'base64');
  assert.strictEqual(createHash('sha256').update(bytes).digest('hex'), blob.media.sha256);
  assert.ok(!bytes.includes('SECRET'));
});

// Messages of a watch until there are `count` events, as [{id, event}]; then the connection is cut.
async function watch(count, {query = '', lastId} = {}) {
  const abort = new AbortController();
  const headers = {authorization: `Bearer ${suite.token()}`, accept: 'text/event-stream'};
  if (lastId !== undefined) headers['last-event-id'] = lastId;
  const response = await fetch(`http://${suite.http}/v1/${COUNTY}/tickets:watch${query}`,
      {headers, signal: abort.signal});
  assert.strictEqual(response.status, 200);
  assert.match(response.headers.get('content-type'), /^text\/event-stream/);
  const seen = [];
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const messages = text.split('\n\n');
    text = messages.pop();
    for (const message of messages) {
      const [, id, data] = /^id: (\d+)\ndata: (.*)$/.exec(message);
      const {event} = JSON.parse(data).result;
      if (event && seen.length < count) seen.push({id, seq: event.seq, ticket: event.ticket});
    }
    if (seen.length === count) break;
  }
  abort.abort();
  return seen;
}

test('Watch_CutAndResumedByLastEventId_MissesNothing', async () => {
  const file = () => ask(suite.http, suite.token(), 'POST', `/v1/${COUNTY}/tickets`, FILED);
  await file();
  const all = [];
  let lastId;
  for (let round = 0; round < 5; round++) {
    await file();
    const some = await watch(2, lastId === undefined ? {query: '?cursor=0'} : {lastId});
    all.push(...some);
    lastId = some[1].id;
    await file();
  }
  const whole = await watch(all.length, {query: '?cursor=0'});
  assert.deepStrictEqual(all, whole);
  // New events reach a watcher that is already up to date.
  const head = (await watch(1, {query: `?cursor=${Number(lastId)}`}))[0];
  assert.strictEqual(Number(head.seq), Number(lastId) + 1);
});

test('Doors_OfTheGateway_Answer', async () => {
  assert.strictEqual((await ask(suite.http, null, 'GET', '/healthz')).status, 200);
  assert.strictEqual((await ask(suite.http, null, 'GET', '/readyz')).status, 200);
  assert.match((await ask(suite.admin, null, 'GET', '/metrics')).body, /^baimi_rpc_served_total\{/m);
  const unknown = await ask(suite.http, suite.token(), 'POST', `/v1/${COUNTY}/tickets/x:explode`, {});
  assert.strictEqual(unknown.status, 404);
  const bare = await ask(suite.http, null, 'GET', `/v1/${COUNTY}/tickets`);
  assert.strictEqual(bare.status, 401);
});
