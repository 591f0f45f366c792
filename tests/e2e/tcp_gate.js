// A TCP gate: stands between a client and a server and passes bytes on, until a test tells it to do
// otherwise. What the kernel's traffic control does elsewhere, without it.
//
//   const gate = await new TcpGate('127.0.0.1:9090').open();
//   connect to gate.address; then
//
//   gate.delay(20)     every chunk comes 20 ms later, in order; 0 ends it
//   gate.slice(3)      every chunk comes as pieces of at most 3 bytes; Infinity ends it
//   gate.cut()         resets every connection now
//   gate.refuse()      takes no connections; admit() ends it
//   gate.swallow()     half-open: what the connections of this moment send is lost, in both
//                      directions, and they are not closed. New ones are taken and lost likewise
//                      until admit()
//
// Modes hold for the connections that there are and those to come, and go together.
'use strict';

const net = require('node:net');

// One direction of a connection: chunks in, chunks out, in order.
class Pipe {
  constructor(gate, pair, from, to) {
    Object.assign(this, {gate, pair, from, to});
    // Chunks whose time has come and that are not written yet; null is the end.
    this.due = [];
    this.writing = false;
    from.on('data', (chunk) => this.later(chunk));
    from.on('end', () => this.later(null));
  }

  later(chunk) {
    if (this.pair.lost) {
      if (chunk) this.gate.swallowed += chunk.length;
      return;
    }
    // Timers of one duration fire in order; a change of the delay may not let a chunk overtake.
    const at = Math.max(performance.now() + this.gate.delayMs, this.lastAt || 0);
    this.lastAt = at;
    const wait = at - performance.now();
    if (wait <= 0 && !this.waiting) return this.arrive(chunk);
    this.waiting = (this.waiting || 0) + 1;
    this.gate.delayed++;
    setTimeout(() => {
      this.waiting--;
      this.arrive(chunk);
    }, wait);
  }

  arrive(chunk) {
    if (chunk === null) {
      this.due.push(null);
    } else {
      const size = Math.min(this.gate.sliceBytes, chunk.length);
      for (let at = 0; at < chunk.length; at += size) this.due.push(chunk.subarray(at, at + size));
    }
    if (!this.writing) this.write();
  }

  // A piece at a time, each with a write of its own, so that they stay apart.
  write() {
    if (this.due.length === 0 || this.pair.lost) {
      this.writing = false;
      this.from.resume();
      return;
    }
    this.writing = true;
    this.from.pause();
    const piece = this.due.shift();
    if (piece === null) {
      this.to.end();
      this.writing = false;
      return;
    }
    this.gate.pieces++;
    this.to.write(piece, () => this.write());
  }
}

class TcpGate {
  // `target`: HOST:PORT of the server.
  constructor(target) {
    const at = target.lastIndexOf(':');
    this.target = {host: target.slice(0, at), port: Number(target.slice(at + 1))};
    this.pairs = new Set();
    this.delayMs = 0;
    this.sliceBytes = Infinity;
    this.refusing = false;
    this.swallowing = false;
    // What happened: chunks delayed, pieces written, bytes swallowed, connections taken, cut and
    // refused.
    Object.assign(this, {delayed: 0, pieces: 0, swallowed: 0, taken: 0, cuts: 0, refused: 0});
  }

  async open() {
    this.server = net.createServer({allowHalfOpen: true, noDelay: true}, (client) => this.take(client));
    await new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(0, '127.0.0.1', resolve);
    });
    this.address = `127.0.0.1:${this.server.address().port}`;
    return this;
  }

  take(client) {
    client.on('error', () => {});
    if (this.refusing) {
      this.refused++;
      client.resetAndDestroy();
      return;
    }
    this.taken++;
    const server = net.connect({...this.target, allowHalfOpen: true, noDelay: true});
    const pair = {client, server, lost: this.swallowing};
    this.pairs.add(pair);
    // Whoever breaks, breaks both; but a lost pair is closed by nobody.
    for (const [one, other] of [[client, server], [server, client]]) {
      one.on('error', () => {});
      one.on('close', (failed) => {
        this.pairs.delete(pair);
        if (pair.lost) return;
        if (failed) other.resetAndDestroy();
        else if (one.destroyed && !other.writableEnded) other.end();
      });
    }
    new Pipe(this, pair, client, server);
    new Pipe(this, pair, server, client);
  }

  delay(milliseconds) { this.delayMs = milliseconds; }

  slice(bytes) { this.sliceBytes = bytes; }

  // Resolves to nothing; how many connections that were stands in `cuts`.
  cut() {
    for (const {client, server} of [...this.pairs]) {
      this.cuts++;
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  refuse() { this.refusing = true; }

  swallow() {
    this.swallowing = true;
    for (const pair of this.pairs) pair.lost = true;
  }

  // New connections pass again; those that are lost stay so.
  admit() {
    this.refusing = false;
    this.swallowing = false;
  }

  async close() {
    if (!this.server) return;
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

module.exports = {TcpGate};
