// How old an order may look to somebody who did not change it, seen through the doors of the replicas
// themselves: past the gateway, which remembers who wrote what.
'use strict';

const assert = require('node:assert');
const {Client} = require('./client.js');

// DESIGN.md §3.3; what ChangeIndexOptions::max_age (common/journal/change_index.h) is set to.
const BOUND_MS = 500;
const GET = 'baimi.ticket.v1.TicketService/GetTicket';

const versionOf = ({etag}) => Number(/\d+/.exec(etag)[0]);

// The replicas' own doors, with one key for all.
function doorsOf(suite, key = 'admin') {
  return suite.form.tickets.map(({grpc}) => new Client(grpc, suite.token(key)));
}

async function read(client, name, minSeq) {
  const metadata = minSeq === undefined ? {} : {'baimi-min-seq': minSeq};
  return (await client.call(GET, {name}, {metadata, seconds: 30})).response;
}

// Reads until the version is there, or a later one. `changed`: Date.now() when the change was known to
// be done. A read that began longer than the bound after it and still shows less is a failure; how long
// reads take does not matter. Resolves to how many showed less.
async function awaitVersion(client, name, version, changed) {
  for (let older = 0; ; older++) {
    const began = Date.now();
    const got = versionOf(await read(client, name));
    if (got >= version) return older;
    // Both moments are cut to whole milliseconds.
    assert.ok(began - changed <= BOUND_MS + 1,
        `${name}: got version ${got} by a read ${began - changed} ms after version ${version} was acknowledged`);
  }
}

// The sequence that an answer of a change belongs to.
function seqOf({trailer}) {
  const [seq] = trailer.get('baimi-seq');
  assert.match(seq, /^[1-9]\d*$/);
  return seq;
}

module.exports = {BOUND_MS, awaitVersion, doorsOf, read, seqOf, versionOf};
