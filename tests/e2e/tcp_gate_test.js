// The gate against an echo server: every mode does what it says, and nothing else to the bytes.
'use strict';

const assert = require('node:assert');
const {randomBytes} = require('node:crypto');
const {once} = require('node:events');
const net = require('node:net');
const {after, afterEach, before, beforeEach, test} = require('node:test');
const {TcpGate} = require('./tcp_gate.js');

let echo;
let gate;
// Of the echo server.
const accepted = new Set();

before(async () => {
  echo = net.createServer({allowHalfOpen: true}, (socket) => {
    accepted.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => accepted.delete(socket));
    socket.pipe(socket);
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
});
after(() => {
  for (const socket of accepted) socket.destroy();
  echo.close();
});
beforeEach(async () => { gate = await new TcpGate(`127.0.0.1:${echo.address().port}`).open(); });
afterEach(() => gate.close());

function dial() {
  const [host, port] = gate.address.split(':');
  const socket = net.connect({host, port: Number(port), allowHalfOpen: true});
  socket.on('error', () => {});
  return socket;
}

async function connect() {
  const socket = dial();
  await once(socket, 'connect');
  return socket;
}

// Resolves when the socket is gone, however that came.
function closed(socket) {
  return new Promise((resolve) => socket.once('close', resolve));
}

// The next `count` bytes.
function read(socket, count) {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const take = (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length < count) return;
      socket.off('data', take);
      resolve(bytes);
    };
    socket.on('data', take);
    socket.once('close', () => reject(new Error(`closed after ${bytes.length} of ${count} bytes`)));
  });
}

async function roundTrip(socket, bytes) {
  const answer = read(socket, bytes.length);
  socket.write(bytes);
  assert.ok((await answer).equals(bytes));
}

test('Plain_BytesAndEnd_PassBothWays', async () => {
  const socket = await connect();
  await roundTrip(socket, randomBytes(300000));
  socket.end();
  await once(socket, 'end');
  assert.deepStrictEqual([gate.taken, gate.delayed, gate.swallowed], [1, 0, 0]);
});

test('Delay_Chunks_ComeLaterInOrder', async () => {
  const socket = await connect();
  gate.delay(5);
  const sent = [];
  const answer = read(socket, 10 * 100);
  for (let i = 0; i < 10; i++) {
    sent.push(randomBytes(100));
    socket.write(sent[i]);
    // In the middle of it another delay: nothing overtakes.
    if (i === 5) gate.delay(1);
    await new Promise(setImmediate);
  }
  assert.ok((await answer).equals(Buffer.concat(sent)));
  assert.ok(gate.delayed >= 2, `${gate.delayed} delayed`);
  gate.delay(0);
  await roundTrip(socket, randomBytes(1000));
  socket.destroy();
});

test('Slice_Chunks_ComeInPieces', async () => {
  const socket = await connect();
  gate.slice(3);
  await roundTrip(socket, randomBytes(3000));
  // Once on the way there, once on the way back.
  assert.ok(gate.pieces >= 2000, `${gate.pieces} pieces`);
  socket.destroy();
});

test('Cut_Connections_AreResetAtBothEnds', async () => {
  const socket = await connect();
  await roundTrip(socket, Buffer.from('x'));
  const [server] = accepted;
  const ends = Promise.all([closed(socket), closed(server)]);
  gate.cut();
  await ends;
  assert.strictEqual(gate.cuts, 1);
  const next = await connect();
  await roundTrip(next, Buffer.from('y'));
  next.destroy();
});

test('Refuse_NewConnections_EndAtOnceOldOnesGoOn', async () => {
  const old = await connect();
  await roundTrip(old, Buffer.from('x'));
  gate.refuse();
  const refused = dial();
  refused.resume();
  await closed(refused);
  await roundTrip(old, Buffer.from('y'));
  gate.admit();
  const next = await connect();
  await roundTrip(next, Buffer.from('z'));
  assert.strictEqual(gate.refused, 1);
  old.destroy();
  next.destroy();
});

test('Swallow_OldConnections_StayOpenAndSilentNewOnesPassOnceAdmitted', async () => {
  const old = await connect();
  await roundTrip(old, Buffer.from('x'));
  gate.swallow();
  const late = await connect();
  old.write('lost');
  late.write('lost too');
  while (gate.swallowed < 12) await new Promise(setImmediate);
  gate.admit();
  const next = await connect();
  await roundTrip(next, Buffer.from('y'));
  for (const lost of [old, late]) {
    assert.strictEqual(lost.read(), null);
    assert.ok(!lost.destroyed && !lost.readableEnded);
    lost.destroy();
  }
  next.destroy();
});
