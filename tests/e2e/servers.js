// PostgreSQL and Redis for one test, in a directory of their own, on a unix socket or a free port of
// the loopback, always stopped.
'use strict';

const {execFile, spawn} = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const {setTimeout: pause} = require('node:timers/promises');
const {promisify} = require('node:util');

const run = promisify(execFile);

// A port that nobody listens on now.
function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const {port} = server.address();
      server.close(() => resolve(port));
    });
  });
}

// PostgreSQL refuses to run as root.
function asPostgres(command, args) {
  return process.getuid() === 0 ?
    ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', command, ...args]] :
    [command, args];
}

// False when there is no such process.
function send(pid, signal) {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
    return false;
  }
}

class Postgres {
  // `settings`: more of them, "name=value".
  constructor(directory, settings = []) {
    this.directory = directory;
    this.settings = ['listen_addresses=', 'max_connections=200', ...settings];
    this.data = path.join(directory, 'data');
    this.killed = [];
  }

  tool(name, ...args) {
    const [command, all] = asPostgres(path.join(Postgres.binaries(), name), args);
    return run(command, all, {cwd: '/', maxBuffer: 1 << 24});
  }

  // The newest that is installed.
  static binaries() {
    const root = '/usr/lib/postgresql';
    const [newest] = fs.readdirSync(root).sort((a, b) => Number(b) - Number(a));
    return path.join(root, newest, 'bin');
  }

  // A directory that the server may use.
  async prepare() {
    fs.mkdirSync(this.directory, {recursive: true});
    if (process.getuid() === 0) {
      await run('chown', ['postgres:', this.directory]);
      // The way to it lies through a directory that is the tests' own.
      fs.chmodSync(path.dirname(this.directory), 0o711);
    }
  }

  async start() {
    await this.prepare();
    await this.tool('initdb', '-A', 'trust', '-U', 'postgres', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync',
        '-D', this.data);
    await this.launch();
  }

  // As a streaming standby of `primary`, under `name`.
  async follow(primary, name) {
    await this.prepare();
    await this.tool('pg_basebackup', '-R', '-X', 'stream', '-c', 'fast', '--no-sync', '-D', this.data,
        '-d', `host=${primary.directory} user=postgres application_name=${name}`);
    await this.launch();
  }

  // `sockets`: the directory where it is reached.
  async launch(sockets = this.directory) {
    // Only the socket: the port is part of its name, and nobody else's.
    await this.tool('pg_ctl', '-D', this.data, '-l', path.join(this.directory, 'log'), '-w',
        '-o', [`-k ${sockets}`, ...this.settings.map((setting) => `-c ${setting}`)].join(' '), 'start');
    this.killed = [];
  }

  // Resolves to the first column of the first row, as text.
  async sql(text) {
    const {stdout} = await this.tool('psql', '-h', this.directory, '-U', 'postgres', '-qtA', '-c', text);
    return stdout.split('\n')[0];
  }

  // Made when it is missing; resolves to its URI.
  async database(name) {
    await this.sql(`CREATE DATABASE "${name}"`);
    return `postgresql://postgres@/${name}?host=${encodeURIComponent(this.directory)}`;
  }

  // Every process at once, as a power cut would for this server alone.
  kill() {
    const [pid] = fs.readFileSync(path.join(this.data, 'postmaster.pid'), 'utf8').split('\n');
    const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    // The parent first, so that it starts no others.
    this.killed = [pid, ...children].map(Number);
    for (const one of this.killed) send(one, 'SIGKILL');
  }

  // A standby becomes the primary; resolves when it takes writes.
  promote() {
    return this.tool('pg_ctl', '-D', this.data, '-w', 'promote');
  }

  async stop() {
    if (this.killed.length) {
      // A server that was killed leaves pieces of shared memory; the next one in its place removes them,
      // but does not start while a process of the old one is there. Nobody must take it for the primary.
      while (this.killed.some((one) => send(one, 0))) await pause(10);
      await this.launch(this.data);
    }
    if (fs.existsSync(path.join(this.data, 'postmaster.pid'))) {
      await this.tool('pg_ctl', '-D', this.data, '-m', 'immediate', '-w', 'stop');
    }
  }
}

// A primary, and a standby that every commit waits for.
class PostgresPair {
  constructor(directory) {
    // Processes die here, not the machine, and a copy of a new cluster takes long to be flushed.
    const settings = ['fsync=off', 'full_page_writes=off'];
    this.primary = new Postgres(directory, settings);
    this.standby = new Postgres(`${directory}-standby`, settings);
  }

  async start() {
    await this.primary.start();
    await this.attach();
  }

  async attach() {
    const {primary, standby} = this;
    await standby.follow(primary, 'second');
    // Not in what the standby copied: once promoted it waits for nobody.
    await primary.sql("ALTER SYSTEM SET synchronous_standby_names = 'second'");
    await primary.sql('SELECT pg_reload_conf()');
    while (await primary.sql("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") !== '1');
  }

  // After a failover: the one that was killed becomes the standby of the other, as a new copy.
  async rejoin() {
    [this.primary, this.standby] = [this.standby, this.primary];
    await this.standby.stop();
    fs.rmSync(this.standby.data, {recursive: true});
    await this.attach();
  }

  // The standby stands first: it must be passed over while it takes no writes.
  async database(name) {
    await this.primary.sql(`CREATE DATABASE "${name}"`);
    const hosts = [this.standby, this.primary].map(({directory}) => encodeURIComponent(directory));
    return `postgresql://postgres@/${name}?host=${hosts.join(',')}&target_session_attrs=read-write`;
  }

  async stop() {
    await Promise.all([this.primary, this.standby].map((server) => server.stop()));
  }
}

class Redis {
  constructor(directory) {
    this.directory = directory;
  }

  // On the port that it took first, and empty.
  async start() {
    fs.mkdirSync(this.directory, {recursive: true});
    this.port = this.port || await freePort();
    this.child = spawn('redis-server', ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '',
      '--appendonly', 'no', '--dir', this.directory], {stdio: ['ignore', 'pipe', 'inherit']});
    this.exited = new Promise((resolve) => this.child.once('close', resolve));
    await new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.exited.then((code) => reject(new Error(`redis-server ended with ${code}`)));
      this.child.stdout.on('data', (text) => {
        if (/Ready to accept connections/.test(text)) resolve();
      });
    });
    this.uri = `redis://127.0.0.1:${this.port}`;
  }

  // What a command answers, as text without its last line end.
  async command(...words) {
    const {stdout} = await run('redis-cli', ['-p', String(this.port), ...words], {maxBuffer: 1 << 24});
    return stdout.replace(/\n$/, '');
  }

  // Neither answers nor closes what is open, until `wake`.
  hang() { this.child.kill('SIGSTOP'); }
  wake() { this.child.kill('SIGCONT'); }

  // With SIGKILL: it keeps nothing that an end in order could save.
  async stop() {
    if (!this.child) return;
    this.child.kill('SIGKILL');
    await this.exited;
  }
}

module.exports = {Postgres, PostgresPair, Redis};
