// The finished binaries in the forms that they run in. Every test drives whichever form
// BAIMI_TEST_FORM names, through the same doors:
//
//   suite      everything in one process on SQLite
//   processes  gateway, ticket service and grid registry, each a process, on SQLite
//   servers    the same processes on PostgreSQL and Redis
//   replicas   two of each service behind the gateway, on PostgreSQL and Redis
//   five       the same with five ticket services
//   standby    the same, and PostgreSQL has a synchronous standby
//
// A form is started on a data directory of its own, stopped and started again by its tests, and
// disposed of at the end, with the servers it needs.
'use strict';

const {execFile, spawn} = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');
const {promisify} = require('node:util');
const {Postgres, PostgresPair, Redis} = require('./servers.js');

const run = promisify(execFile);

// What the tests were started with is nothing to a child: settings from the environment would be
// unknown to some of them.
const ENV = {PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR || '/tmp'};

// A child that tells it is ready by a line on stdout or stderr that matches `ready`. Resolves to
// {child, match, exited}; `exited` resolves to {code, signal, output}. Rejects when it ends before.
function startProcess(command, args, ready, options = {}) {
  const child = spawn(command, args, {stdio: ['ignore', 'pipe', 'pipe'], ...options});
  let output = '';
  const exited = new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({code, signal, output}));
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    for (const stream of [child.stdout, child.stderr]) {
      readline.createInterface({input: stream}).on('line', (line) => {
        output += line + '\n';
        const match = ready.exec(line);
        if (match) resolve({child, match, exited});
      });
    }
    exited.then(({code, signal}) => reject(new Error(`${command}: ended ${code ?? signal}:\n${output}`)));
  });
}

class SuiteForm {
  constructor(bin, data) {
    this.binary = path.join(bin, 'baimi-suite');
    this.data = data;
  }

  // Resolves to the addresses of the doors: {http, grpc, admin}.
  async start() {
    const args = ['--data', this.data, '--http.port', '0', '--grpc.port', '0', '--admin.port', '0'];
    this.process = await startProcess(this.binary, args, /^ready http=(\S+) grpc=(\S+) admin=(\S+)/, {env: ENV});
    const [, http, grpc, admin] = this.process.match;
    return {http, grpc, admin};
  }

  // Resolves to {code, signal, output}.
  stop(signal) {
    this.process.child.kill(signal);
    return this.process.exited;
  }

  async dispose() {
    if (this.process) await this.stop('SIGKILL');
  }
}

// One service as a process, on the port that it took first: whoever knows its address goes on
// knowing it when it comes back.
class Replica {
  constructor(form, binary, args) {
    this.form = form;
    this.binary = path.join(form.bin, binary);
    this.args = args;
    this.port = 0;
  }

  async start() {
    const args = [...this.args, '--grpc.port', String(this.port), '--admin.port', '0'];
    this.process = await startProcess(this.binary, args, /^ready grpc=(\S+) admin=(\S+)/, {env: ENV});
    [, this.grpc, this.admin] = this.process.match;
    this.port = Number(this.grpc.split(':')[1]);
    return this;
  }

  stop(signal) {
    this.process.child.kill(signal);
    return this.process.exited;
  }
}

class ProcessForm {
  // `Server`: the kind of PostgreSQL, with Redis beside it, instead of SQLite and memory.
  constructor(bin, data, {Server, replicas = 1} = {}) {
    this.bin = bin;
    this.data = data;
    this.replicas = replicas;
    // For tests that stand between the gateway and the services, or set more of it: the address that
    // the gateway is given for that of a replica, asynchronously, and further arguments.
    this.way = async (replica) => replica.grpc;
    this.gatewayArgs = [];
    this.servers = Server ? [new Server(path.join(data, 'postgres')), new Redis(path.join(data, 'redis'))] : [];
  }

  get postgres() { return this.servers[0]; }
  get redis() { return this.servers[1]; }

  async database(name) {
    return this.postgres ? this.postgres.database(`baimi_${name}`) : `sqlite:${path.join(this.data, `${name}.db`)}`;
  }

  // Once: secrets, servers, databases with their schema.
  async prepare() {
    await run(path.join(this.bin, 'baimictl'), ['init', '--secrets', this.data], {env: ENV});
    await Promise.all(this.servers.map((server) => server.start()));
    const [keys, registry, ticket] =
        await Promise.all(['data-keys', 'registry', 'ticket'].map((name) => this.database(name)));
    const common = ['--keys.database', keys, '--secrets', this.data, '--log.level', 'WARNING'];
    if (this.redis) common.push('--cache', this.redis.uri);
    const registryArgs = ['--database', registry, ...common];
    const ticketArgs = ['--database', ticket, '--attachments.directory', path.join(this.data, 'attachments'), ...common];
    for (const [binary, args] of [['baimi-grid-registry', registryArgs], ['baimi-ticket', ticketArgs]]) {
      await run(path.join(this.bin, binary), ['migrate', ...args], {env: ENV});
    }
    // For whoever looks at the databases themselves.
    Object.assign(process.env,
        {BAIMI_KEYS_DATABASE: keys, BAIMI_REGISTRY_DATABASE: registry, BAIMI_TICKET_DATABASE: ticket});
    const make = (length, binary, args) => Array.from({length}, () => new Replica(this, binary, args));
    this.registries = make(Math.min(this.replicas, 2), 'baimi-grid-registry', registryArgs);
    this.tickets = make(this.replicas, 'baimi-ticket', ticketArgs);
  }

  static target(addresses) { return `ipv4:${addresses.join(',')}`; }

  async upstream(replicas) { return ProcessForm.target(await Promise.all(replicas.map(this.way))); }

  async start() {
    if (!this.tickets) await this.prepare();
    await Promise.all(this.registries.map((replica) => replica.start()));
    for (const ticket of this.tickets) {
      if (ticket.port === 0) ticket.args = [...ticket.args, '--registry', ProcessForm.target(this.registries.map(({grpc}) => grpc))];
    }
    await Promise.all(this.tickets.map((replica) => replica.start()));
    const upstreams = `baimi.ticket.=${await this.upstream(this.tickets)},` +
        `baimi.registry.=${await this.upstream(this.registries)}`;
    const args = ['--http.port', '0', '--grpc.port', '0', '--admin.port', '0', '--upstreams', upstreams,
      '--secrets', this.data, '--log.level', 'WARNING', ...this.gatewayArgs];
    this.gateway = await startProcess(path.join(this.bin, 'baimi-gateway'), args,
        /^ready http=(\S+) grpc=(\S+) admin=(\S+)/, {env: ENV});
    const [, http, grpc, admin] = this.gateway.match;
    return {http, grpc, admin};
  }

  // The gateway first, then whoever calls others, each well before those that it calls; killed, all
  // at once. Resolves to the end of the gateway, or to the first that did not end so.
  async stop(signal) {
    const stages = [[{stop: (name) => { this.gateway.child.kill(name); return this.gateway.exited; }}],
      this.tickets, this.registries];
    const ends = [];
    for (const stage of signal === 'SIGKILL' ? [stages.flat()] : stages) {
      ends.push(...await Promise.all(stage.map((one) => one.stop(signal))));
    }
    const [first] = ends;
    return ends.find(({code, signal: by}) => code !== first.code || by !== first.signal) || first;
  }

  async dispose() {
    if (this.gateway) await this.stop('SIGKILL');
    await Promise.all(this.servers.map((server) => server.stop()));
  }
}

const FORMS = {
  suite: (bin, data) => new SuiteForm(bin, data),
  processes: (bin, data) => new ProcessForm(bin, data),
  servers: (bin, data) => new ProcessForm(bin, data, {Server: Postgres}),
  replicas: (bin, data) => new ProcessForm(bin, data, {Server: Postgres, replicas: 2}),
  five: (bin, data) => new ProcessForm(bin, data, {Server: Postgres, replicas: 5}),
  standby: (bin, data) => new ProcessForm(bin, data, {Server: PostgresPair, replicas: 2}),
};

// `binary`: that of the suite; the others stand beside it.
function makeForm(binary, data, name = process.env.BAIMI_TEST_FORM || 'suite') {
  if (!FORMS[name]) throw new Error(`BAIMI_TEST_FORM: got ${name}, want ${Object.keys(FORMS).join(', ')}`);
  return FORMS[name](path.dirname(path.resolve(binary)), data);
}

module.exports = {makeForm, startProcess};
