// PostgreSQL and Redis for one test, in a directory of their own, on a unix socket or a free port of
// the loopback, always stopped.
'use strict';

const {execFile, spawn} = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
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

class Postgres {
  constructor(directory) {
    this.directory = directory;
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

  async start() {
    fs.mkdirSync(this.directory, {recursive: true});
    if (process.getuid() === 0) {
      await run('chown', ['postgres:', this.directory]);
      // The way to it lies through a directory that is the tests' own.
      fs.chmodSync(path.dirname(this.directory), 0o711);
    }
    const data = path.join(this.directory, 'data');
    await this.tool('initdb', '-A', 'trust', '-U', 'postgres', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync',
        '-D', data);
    // Only the socket: the port is part of its name, and nobody else's.
    await this.tool('pg_ctl', '-D', data, '-l', path.join(this.directory, 'log'), '-w',
        '-o', `-k ${this.directory} -c listen_addresses= -c max_connections=200`, 'start');
  }

  // Made when it is missing; resolves to its URI.
  async database(name) {
    await this.tool('psql', '-h', this.directory, '-U', 'postgres', '-qc', `CREATE DATABASE "${name}"`);
    return `postgresql://postgres@/${name}?host=${encodeURIComponent(this.directory)}`;
  }

  async stop() {
    const data = path.join(this.directory, 'data');
    if (fs.existsSync(path.join(data, 'postmaster.pid'))) {
      await this.tool('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop');
    }
  }
}

class Redis {
  constructor(directory) {
    this.directory = directory;
  }

  async start() {
    fs.mkdirSync(this.directory, {recursive: true});
    const port = await freePort();
    this.child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly',
      'no', '--dir', this.directory], {stdio: ['ignore', 'pipe', 'inherit']});
    this.exited = new Promise((resolve) => this.child.once('close', resolve));
    await new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.exited.then((code) => reject(new Error(`redis-server ended with ${code}`)));
      this.child.stdout.on('data', (text) => {
        if (/Ready to accept connections/.test(text)) resolve();
      });
    });
    this.uri = `redis://127.0.0.1:${port}`;
  }

  async stop() {
    if (!this.child) return;
    this.child.kill('SIGKILL');
    await this.exited;
  }
}

module.exports = {Postgres, Redis};
