// /openapi.json: a linter finds it clean, and a validating proxy in front finds the suite true to it.
// node openapi_test.js PATH_OF_BAIMI_SUITE
'use strict';

const assert = require('node:assert');
const {execFile} = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const {after, before, test} = require('node:test');
const {COUNTY, newDirectory, ready, startProcess} = require('./suite.js');
const {FILED} = require('./order.js');
const {ask, lifeOverHttp} = require('./http.js');

const BIN = path.join(__dirname, 'node_modules', '.bin');
const folder = newDirectory();
const proxies = [];
let suite;
let document;

before(async () => {
  suite = await ready(process.argv[2]);
  document = (await ask(suite.http, null, 'GET', '/openapi.json')).body;
});
after(async () => {
  for (const {child, exited} of proxies) {
    child.kill('SIGKILL');
    await exited;
  }
  fs.rmSync(folder, {recursive: true, force: true});
  if (suite) await suite.dispose();
});

function write(name, content) {
  const file = path.join(folder, name);
  fs.writeFileSync(file, JSON.stringify(content));
  return file;
}

// Prism in front of the suite, by `openapi`; resolves to its address.
async function proxy(name, openapi) {
  const args = ['proxy', write(name, openapi), `http://${suite.http}`, '--errors', '--port', '0'];
  const started = await startProcess(path.join(BIN, 'prism'), args, /listening on http:\/\/([0-9.]+:[0-9]+)/);
  proxies.push(started);
  return started.match[1];
}

const violations = ({headers, body}) =>
  headers.get('sl-violations') || (/stoplight\.io\/prism\/errors/.test(body.type) && JSON.stringify(body)) || null;

test('Document_ByRedocly_IsClean', async () => {
  const env = {...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', CI: 'true'};
  const file = write('openapi.json', document);
  const {error, output} = await new Promise((resolve) => {
    execFile(path.join(BIN, 'redocly'), ['lint', '--format', 'stylish', file], {env, cwd: folder, timeout: 120000},
        (failure, stdout, stderr) => resolve({error: failure, output: stdout + stderr}));
  });
  assert.strictEqual(error, null, output);
  assert.match(output, /valid/);
  assert.doesNotMatch(output, /warning/i);
});

test('Life_BehindTheProxy_HasNoViolation', async () => {
  const base = await proxy('true.json', document);
  let checked = 0;
  const check = (answer) => {
    assert.strictEqual(violations(answer), null);
    checked++;
  };
  await lifeOverHttp(suite, base, check);
  for (const [method, target, body] of [
    ['GET', `/v1/${COUNTY}/tickets?pageSize=5&states=ARCHIVED`],
    ['GET', `/v1/${COUNTY}/tickets:counts`],
    ['GET', `/v1/${COUNTY}/areas`],
    ['GET', `/v1/${COUNTY}/grids`],
    ['GET', `/v1/${COUNTY}/units`],
    ['GET', `/v1/${COUNTY}/estates`],
    ['GET', `/v1/${COUNTY}/ticketPolicies/current`],
    ['GET', `/v1/${COUNTY}/tickets/20000101-000001`],
    ['POST', `/v1/${COUNTY}/grids:locate`, {address: '珉华小区'}],
    ['POST', `/v1/${COUNTY}/tickets`, {...FILED, caller: {phone: '12345'}}],
  ]) {
    check(await ask(base, suite.token(), method, target, body));
  }
  assert.strictEqual(checked, 20);
});

test('Proxy_PlantedViolations_AreFound', async () => {
  const base = await proxy('planted-request.json', document);
  const wrong = await ask(base, suite.token(), 'POST', `/v1/${COUNTY}/tickets`, {...FILED, type: 'NOBODY_KNOWS'});
  assert.notStrictEqual(violations(wrong), null, JSON.stringify(wrong.body));

  // The document says what the suite does not do: the answer is the violation.
  const planted = structuredClone(document);
  const name = Object.keys(planted.components.schemas).find((key) => /(^|\.)Ticket$/.test(key));
  planted.components.schemas[name].properties.etag = {type: 'integer'};
  const lying = await proxy('planted-answer.json', planted);
  const answer = await ask(lying, suite.token(), 'POST', `/v1/${COUNTY}/tickets`, FILED);
  assert.notStrictEqual(violations(answer), null, JSON.stringify(answer.body));
});
