// A gRPC client that is not ours: grpc-js over the contracts as files.
//
//   node client.js HOST:PORT baimi.ticket.v1.TicketService/GetTicket '{"name": "..."}' [KEY]
//
// prints the answer as JSON, one line per message of a stream, or the error with its details and ends
// with status 1. Tests use it as a module.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const PROTOS = path.join(__dirname, '..', '..', 'protos');
const SHAPE = {keepCase: false, longs: String, enums: String, defaults: false, oneofs: true};

function protoFiles(folder) {
  return fs.readdirSync(folder, {withFileTypes: true}).flatMap((entry) => {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) return protoFiles(full);
    return entry.name.endsWith('.proto') ? [path.relative(PROTOS, full)] : [];
  });
}

// Every message and service of protos/, by full name.
const definition = loader.loadSync(protoFiles(PROTOS), {...SHAPE, includeDirs: [PROTOS]});

// The message type at the end of a type URL.
const nameOf = (url) => url.slice(url.lastIndexOf('/') + 1);

function decode(any) {
  const type = definition[nameOf(any.type_url)];
  return type ? type.deserialize(any.value) : {bytes: any.value.toString('base64')};
}

// The google.rpc.Status details of an error: [{'@type': 'google.rpc.ErrorInfo', reason: ...}, ...].
function detailsOf(error) {
  const [raw] = error.metadata ? error.metadata.get('grpc-status-details-bin') : [];
  if (!raw) return [];
  return definition['google.rpc.Status'].deserialize(raw).details.map(
      (any) => ({'@type': nameOf(any.type_url), ...decode(any)}));
}

class Client {
  // `key`: sent as a bearer key with every call.
  constructor(address, key) {
    this.address = address;
    this.key = key;
    this.stubs = new Map();
  }

  stub(service) {
    if (!definition[service]) throw new Error(`no service ${service} in protos/`);
    if (!this.stubs.has(service)) {
      const Stub = grpc.makeGenericClientConstructor(definition[service], service);
      this.stubs.set(service, new Stub(this.address, grpc.credentials.createInsecure()));
    }
    return this.stubs.get(service);
  }

  metadata(extra) {
    const metadata = new grpc.Metadata();
    if (this.key) metadata.set('authorization', `Bearer ${this.key}`);
    for (const [name, value] of Object.entries(extra || {})) metadata.set(name, value);
    return metadata;
  }

  // Resolves to {response, header, trailer}; rejects with the ServiceError, its `details` list added
  // as `info`.
  call(method, request, {seconds = 10, metadata} = {}) {
    const [service, name] = method.split('/');
    const stub = this.stub(service);
    const deadline = new Date(Date.now() + seconds * 1000);
    return new Promise((resolve, reject) => {
      let header;
      let trailer;
      const call = stub[name](request, this.metadata(metadata), {deadline}, (error, response) => {
        if (error) return reject(Object.assign(error, {info: detailsOf(error)}));
        // The status event follows the callback.
        setImmediate(() => resolve({response, header, trailer}));
      });
      call.on('metadata', (value) => { header = value; });
      call.on('status', (status) => { trailer = status.metadata; });
    });
  }

  // The messages of a server stream, as an async iterable; end it with `.cancel()`.
  stream(method, request, {seconds = 30, metadata} = {}) {
    const [service, name] = method.split('/');
    const deadline = new Date(Date.now() + seconds * 1000);
    return this.stub(service)[name](request, this.metadata(metadata), {deadline});
  }

  close() {
    for (const stub of this.stubs.values()) stub.close();
  }
}

module.exports = {Client, definition, detailsOf, status: grpc.status};

async function main([address, method, json, key]) {
  if (!method) {
    console.error("usage: node client.js HOST:PORT PACKAGE.SERVICE/METHOD ['JSON'] [KEY]");
    return 2;
  }
  const client = new Client(address, key);
  try {
    const [service, name] = method.split('/');
    const request = JSON.parse(json || '{}');
    if (definition[service] && definition[service][name] && definition[service][name].responseStream) {
      for await (const message of client.stream(method, request)) console.log(JSON.stringify(message));
    } else {
      console.log(JSON.stringify((await client.call(method, request)).response, null, 2));
    }
    return 0;
  } catch (error) {
    console.error(error.code === undefined ? error.message : `${grpc.status[error.code]}: ${error.details}`);
    for (const detail of error.info || detailsOf(error)) console.error(JSON.stringify(detail));
    return 1;
  } finally {
    client.close();
  }
}

if (require.main === module) main(process.argv.slice(2)).then((status) => { process.exitCode = status; });
