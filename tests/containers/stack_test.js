// docker-compose.yml as it is shipped, with the sample county: node stack_test.js, by run.sh.
'use strict';

const assert = require('node:assert');
const {after, before, test} = require('node:test');
const {status} = require('../e2e/client.js');
const {ask, lifeOverHttp} = require('../e2e/http.js');
const {FILED, wholeLife} = require('../e2e/order.js');
const {COUNTY} = require('../e2e/suite.js');
const {Stack, docker, eventually, run} = require('./stack.js');

const SERVICES = ['gateway', 'ticket', 'grid-registry'];
const SERVERS = ['postgres', 'redis'];
const JOBS = ['ticket-migrate', 'grid-registry-migrate', 'sample'];
const T = 'baimi.ticket.v1.TicketService/';
const R = 'baimi.registry.v1.';
// The sample county's own category for what the life's order complains of.
const ORDER = {...FILED, category: '0101'};
const SAMPLE_ORDERS = 75;

const stack = new Stack();
let lives = 0;

before(() => stack.start());
after(() => stack.remove());

const list = (pageSize = 5) => stack.client().call(T + 'ListTickets', {parent: COUNTY, pageSize});
const areas = () => stack.client().call(R + 'AreaService/ListAreas', {parent: COUNTY, pageSize: 5});
const file = () => stack.client('clerk').call(T + 'CreateTicket',
    {parent: COUNTY, ticket: ORDER, requestId: `order-${++lives}`});
const get = (name) => stack.client().call(T + 'GetTicket', {name});

function lifeOverGrpc() {
  return wholeLife({
    file: async (ticket, requestId) =>
      (await stack.client('clerk').call(T + 'CreateTicket', {parent: COUNTY, ticket, requestId})).response,
    step: async (method, verb, body, key, name) =>
      (await stack.client(key).call(T + method, {name, ...body})).response,
    events: async (parent) =>
      (await stack.client('clerk').call(T + 'ListTicketEvents', {parent})).response.events,
  }, {order: ORDER, requestId: `life-${++lives}`});
}

// That the call is refused as one that may be tried again, with the reason in its details.
async function unavailable(call, reason = 'DEPENDENCY_UNAVAILABLE') {
  await assert.rejects(call(), (error) => {
    assert.strictEqual(error.code, status.UNAVAILABLE, error.message);
    assert.ok(error.info.some((detail) => detail.reason === reason), JSON.stringify(error.info));
    return true;
  });
}

test('Jobs_BeforeTheServices_EndedWell', async () => {
  for (const job of JOBS) {
    const {State} = await stack.inspect(job);
    assert.deepStrictEqual([State.Status, State.ExitCode], ['exited', 0], job);
  }
});

test('Sample_AfterUp_IsServed', async () => {
  const {response} = await list(1000);
  assert.strictEqual(response.tickets.length, SAMPLE_ORDERS);
  const answer = await ask(stack.http, stack.token(), 'GET', `/v1/${COUNTY}/tickets?pageSize=3`);
  assert.strictEqual(answer.status, 200);
  assert.strictEqual(answer.body.tickets.length, 3);
});

test('Containers_AsTheEngineSeesThem_AreConfined', async (context) => {
  for (const service of [...SERVICES, ...SERVERS, ...JOBS]) {
    const {Config, HostConfig, NetworkSettings} = await stack.inspect(service);
    assert.match(Config.User, /^[1-9][0-9]*:[1-9][0-9]*$/, service);
    assert.strictEqual(HostConfig.ReadonlyRootfs, true, service);
    assert.strictEqual(HostConfig.Privileged, false, service);
    assert.deepStrictEqual(HostConfig.CapDrop, ['ALL'], service);
    assert.strictEqual(HostConfig.CapAdd, null, service);
    assert.ok(HostConfig.SecurityOpt.includes('no-new-privileges:true'), service);
    assert.ok(HostConfig.PidsLimit > 0 && HostConfig.Memory > 0, service);
    const published = Object.values(HostConfig.PortBindings || {}).flat();
    assert.deepStrictEqual(published.map(({HostIp}) => HostIp),
        service === 'gateway' ? ['127.0.0.1', '127.0.0.1'] : [], service);
    const networks = Object.keys(NetworkSettings.Networks).map((name) => name.replace(/^.*_/, ''));
    assert.strictEqual(networks.includes('front'), service === 'gateway', service);
    context.diagnostic(`${service}: user ${Config.User}, read-only, networks ${networks.join()}`);
  }
});

test('Processes_InEveryContainer_AreNotRoot', async () => {
  for (const service of [...SERVICES, ...SERVERS]) {
    const rows = (await docker('top', await stack.container(service), '-eo', 'pid,uid')).split('\n').slice(1);
    assert.ok(rows.length > 0, service);
    for (const row of rows) assert.notStrictEqual(row.trim().split(/\s+/)[1], '0', `${service}: ${row}`);
  }
});

test('RootFileSystem_Written_Refuses', async () => {
  for (const service of SERVERS) {
    const {code, all} = await run('docker', ['exec', await stack.container(service), 'touch', '/usr/planted']);
    assert.notStrictEqual(code, 0, service);
    assert.match(all, /Read-only file system/, service);
  }
  for (const service of SERVICES) {
    const {code, all} = await run('docker', ['cp', __filename, `${await stack.container(service)}:/usr/planted`]);
    assert.notStrictEqual(code, 0, service);
    assert.match(all, /read-only/, service);
    // Nothing there that an intruder could use.
    const shell = await run('docker', ['exec', await stack.container(service), '/bin/sh', '-c', 'true']);
    assert.match(shell.all, /no such file/, service);
  }
});

test('DataNetwork_FromOutside_HasNoWayOut', async () => {
  for (const [service, network] of [['postgres', 'data'], ['ticket', 'inner']]) {
    const {NetworkSettings} = await stack.inspect(service);
    const name = Object.keys(NetworkSettings.Networks).find((one) => one.endsWith(`_${network}`));
    assert.strictEqual(await docker('network', 'inspect', '--format', '{{.Internal}}', name), 'true', name);
  }
});

test('Order_OverGrpcThroughTheGateway_IsFiledAndClosed', lifeOverGrpc);

test('Order_OverHttpThroughTheGateway_IsFiledAndClosed', async () => {
  await lifeOverHttp(stack, stack.http, () => {}, {order: ORDER, requestId: `life-${++lives}`});
});

test('Ticket_Stopped_LeavesTheRegistryWorking', async () => {
  await stack.without('ticket', async () => {
    await areas();
    await unavailable(() => list());
    const answer = await ask(stack.http, stack.token(), 'GET', `/v1/${COUNTY}/tickets`);
    assert.strictEqual(answer.status, 503, JSON.stringify(answer.body));
  });
  await eventually(list, 60);
  await lifeOverGrpc();
});

test('GridRegistry_Stopped_LeavesTicketReadsWorking', async () => {
  const {response: order} = await file();
  await stack.without('grid-registry', async () => {
    await list();
    assert.strictEqual((await get(order.name)).response.name, order.name);
    await unavailable(areas);
  });
  await eventually(areas, 60);
  await eventually(lifeOverGrpc, 60);
});

test('Redis_Stopped_NobodyNotices', async () => {
  await stack.without('redis', async () => {
    await lifeOverGrpc();
    const {response: order} = await file();
    for (let i = 0; i < 20; i++) assert.strictEqual((await get(order.name)).response.state, order.state);
    await areas();
  });
  await lifeOverGrpc();
});

test('Postgres_Stopped_IsUnavailableAndComesBack', async () => {
  const {response: order} = await file();
  await stack.without('postgres', async () => {
    await unavailable(list);
    await unavailable(file);
  });
  await eventually(list, 60);
  await lifeOverGrpc();
  assert.strictEqual((await get(order.name)).response.state, order.state);
});

test('Gateway_Stopped_ServesAgainAfterStart', async () => {
  await stack.without('gateway', () => assert.rejects(ask(stack.http, null, 'GET', '/healthz')));
  for (const client of stack.clients.values()) client.close();
  stack.clients.clear();
  // A free port was asked for, so it is another one now.
  await stack.findDoors();
  await lifeOverGrpc();
});

test('Journals_AfterAllOfThis_AreWhole', async () => {
  const {code, all} = await run(stack.command[0], [...stack.command.slice(1), 'run', '--rm', 'baimictl', 'verify']);
  assert.strictEqual(code, 0, all);
  assert.match(all, /ticket.* county 469030/);
});

test('Services_Stopped_EndWithZero', async () => {
  for (const service of SERVICES) {
    assert.strictEqual((await stack.stop(service)).ExitCode, 0, service);
  }
});
