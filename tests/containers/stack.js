// The containers of docker-compose.yml, started by docker-compose and spoken to through the published
// doors of the gateway. Settings come from the environment that run.sh prepares.
'use strict';

const assert = require('node:assert');
const {execFile} = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const {Client} = require('../e2e/client.js');

const ROOT = path.join(__dirname, '..', '..');
// ['docker', 'compose'] or ['docker-compose'].
const COMPOSE = (process.env.STACK_COMPOSE || 'docker-compose').split(' ');

// Resolves to {code, output}.
function run(command, args) {
  return new Promise((resolve) => {
    execFile(command, args, {cwd: ROOT, maxBuffer: 1 << 26}, (error, stdout, stderr) =>
      resolve({code: error ? error.code : 0, output: stdout, all: stdout + stderr}));
  });
}

async function mustRun(command, args) {
  const {code, output, all} = await run(command, args);
  assert.strictEqual(code, 0, `${command} ${args.join(' ')}: ended ${code}:\n${all}`);
  return output.trim();
}

const docker = (...args) => mustRun('docker', args);
const compose = (...args) => mustRun(COMPOSE[0], [...COMPOSE.slice(1), ...args]);

// Calls `attempt` until it resolves; rejects with its last error after `seconds`.
async function eventually(attempt, seconds) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => { setTimeout(resolve, 250); });
  }
}

class Stack {
  constructor() {
    this.command = COMPOSE;
    this.clients = new Map();
    this.ids = new Map();
  }

  // Everything is up and healthy afterwards.
  async start() {
    await this.remove();
    const {code, all} = await run(COMPOSE[0], [...COMPOSE.slice(1), 'up', '--detach', '--no-build']);
    assert.strictEqual(code, 0, `${all}\n${await this.logs()}`);
    await this.findDoors();
  }

  async findDoors() {
    this.http = await compose('port', 'gateway', '8080');
    this.grpc = await compose('port', 'gateway', '9090');
  }

  token(key = 'admin') {
    return fs.readFileSync(path.join(process.env.STACK_SECRETS, 'tokens', key), 'utf8');
  }

  // One for each key, closed by `remove`.
  client(key = 'admin') {
    if (!this.clients.has(key)) this.clients.set(key, new Client(this.grpc, this.token(key)));
    return this.clients.get(key);
  }

  logs() {
    return run(COMPOSE[0], [...COMPOSE.slice(1), 'logs', '--no-color', '--tail', '60']).then(({all}) => all);
  }

  // The identifier of a service's only container, running or not; it stays the same until `remove`.
  async container(service) {
    if (!this.ids.has(service)) {
      const ids = (await compose('ps', '--all', '--quiet', service)).split('\n').filter(Boolean);
      assert.strictEqual(ids.length, 1, `${service} has ${ids.length} containers`);
      this.ids.set(service, ids[0]);
    }
    return this.ids.get(service);
  }

  // What the engine knows of it.
  async inspect(service) {
    return JSON.parse(await docker('inspect', await this.container(service)))[0];
  }

  async stop(service) {
    await docker('stop', '--time', '40', await this.container(service));
    return (await this.inspect(service)).State;
  }

  // `during` runs while the service is stopped; it is healthy again afterwards.
  async without(service, during) {
    assert.strictEqual((await this.stop(service)).Running, false);
    try {
      await during();
    } finally {
      await docker('start', await this.container(service));
    }
    await this.healthy(service);
  }

  healthy(service, seconds = 60) {
    return eventually(async () => {
      assert.strictEqual((await this.inspect(service)).State.Health.Status, 'healthy', service);
    }, seconds);
  }

  // Containers, networks and volumes.
  async remove() {
    for (const client of this.clients.values()) client.close();
    this.clients.clear();
    this.ids.clear();
    await compose('down', '--volumes', '--remove-orphans', '--timeout', '30');
  }
}

module.exports = {Stack, compose, docker, eventually, run};
