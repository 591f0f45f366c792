// What an operator sees of each process: node process_test.js PATH_OF_BAIMI_SUITE, in the form
// "processes".
'use strict';

const assert = require('node:assert');
const {createHash} = require('node:crypto');
const {execFile} = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const {after, before, test} = require('node:test');
const {COUNTY, ready} = require('./suite.js');

const bin = path.dirname(path.resolve(process.argv[2]));
let suite;

before(async () => { suite = await ready(process.argv[2]); });
after(() => suite && suite.dispose());

function run(name, ...args) {
  return new Promise((resolve) => {
    execFile(path.join(bin, name), args, {env: {}, timeout: 60000},
        (error, stdout, stderr) => resolve({code: error ? error.code : 0, output: stdout + stderr}));
  });
}

test('Server_OnASchemaItDoesNotKnow_RefusesAndChangesNothing', async () => {
  const database = path.join(suite.data, 'new.db');
  const args = [...suite.form.tickets[0].args.slice(2), '--database', `sqlite:${database}`, '--grpc.port', '0',
    '--admin.port', '0'];
  const refused = await run('baimi-ticket', ...args);
  assert.strictEqual(refused.code, 1, refused.output);
  assert.match(refused.output, /run migrate/);
  for (let time = 0; time < 2; time++) {
    const migrated = await run('baimi-ticket', 'migrate', ...args);
    assert.strictEqual(migrated.code, 0, migrated.output);
  }
});

test('Healthcheck_OfEachProcess_TellsWhetherItIsReady', async () => {
  const replicas = [...suite.form.registries, ...suite.form.tickets];
  for (const [name, admin] of [['baimi-gateway', suite.admin], ['baimi-grid-registry', replicas[0].admin],
    ['baimi-ticket', replicas[1].admin]]) {
    const [, port] = admin.split(':');
    const asked = await run(name, '--healthcheck', '--admin.port', port);
    assert.strictEqual(asked.code, 0, `${name}: ${asked.output}`);
  }
  const nobody = await run('baimi-ticket', '--healthcheck', '--admin.port', '1');
  assert.strictEqual(nobody.code, 1);
});

test('Settings_Unknown_ExitWithTwo', async () => {
  for (const name of ['baimi-ticket', 'baimi-grid-registry', 'baimi-gateway']) {
    assert.strictEqual((await run(name, '--nonsense', '1')).code, 2, name);
    assert.match((await run(name, '--help')).output, /--admin/, name);
  }
});

test('Buildz_OfTheGateway_TellsTheContract', async () => {
  const {contract_sha256: hash} = await (await fetch(`http://${suite.admin}/buildz`)).json();
  const packaged = fs.readFileSync(path.join(bin, '..', 'share', 'baimi', 'contracts.binpb'));
  assert.strictEqual(hash, createHash('sha256').update(packaged).digest('hex'));
});

test('Gateway_WithoutItsServices_SaysSoAndRecovers', async () => {
  const [ticket] = suite.form.tickets;
  assert.strictEqual((await ticket.stop('SIGTERM')).code, 0);
  const client = suite.client();
  const list = () => client.call('baimi.ticket.v1.TicketService/ListTickets', {parent: COUNTY});
  await assert.rejects(list(), ({info}) => info.some(({reason}) => reason === 'DEPENDENCY_UNAVAILABLE'));
  await ticket.start();
  let answer;
  while (!answer) answer = await list().catch(() => undefined);
  client.close();
});
