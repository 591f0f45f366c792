// Orders being filed, 128 at any time unless told otherwise, each under a request_id of its own that
// stays its own until it is acknowledged, across restarts of the suite.
'use strict';

const assert = require('node:assert');
const {setTimeout: pause} = require('node:timers/promises');
const {COUNTY} = require('./suite.js');
const {FILED} = require('./order.js');

const IN_FLIGHT = 128;
const CREATE = 'baimi.ticket.v1.TicketService/CreateTicket';

// What the error asks its caller to wait before it tries again, in ms.
function retryDelay({info = []}) {
  const asked = info.find((detail) => detail['@type'] === 'google.rpc.RetryInfo');
  const {seconds = 0, nanos = 0} = (asked && asked.retryDelay) || {};
  return Number(seconds) * 1000 + nanos / 1e6;
}

class Load {
  // `prefix` of the request_ids, so that loads of one directory keep apart. `insists`: a caller sends
  // its order again until it is acknowledged, as real ones do, and only then the next.
  constructor(prefix = 'load', {inFlight = IN_FLIGHT, insists = false} = {}) {
    this.prefix = prefix;
    this.inFlight = inFlight;
    this.insists = insists;
    this.next = 0;
    // request_id -> name.
    this.acknowledged = new Map();
    // request_ids that were sent and not acknowledged, with the last error.
    this.open = new Map();
    // Of each call in `run`.
    this.seconds = 30;
  }

  async file(client, id) {
    this.open.set(id, this.open.get(id) || null);
    const {response} = await client.call(CREATE,
        {parent: COUNTY, requestId: id, ticket: {...FILED, title: `电梯停运 ${id}`}}, {seconds: this.seconds});
    this.acknowledged.set(id, response.name);
    this.open.delete(id);
  }

  // Sends until `stop()`; resolves when every call came back. Unacknowledged ids of earlier runs go
  // first. `onAnswer(sent)` after each acknowledgement, with the moment that its call was made; a caller
  // for which `failed` is true gives up.
  async run(client, onAnswer = () => {}) {
    this.stopped = false;
    const again = [...this.open.keys()];
    const worker = async (_, place) => {
      let id;
      while (!this.stopped) {
        id = id || again.pop() || `${this.prefix}-${this.next++}`;
        const sent = performance.now();
        try {
          await this.file(client, id);
          onAnswer(sent);
          id = undefined;
        } catch (error) {
          this.open.set(id, error);
          if (this.failed && this.failed(id, error)) return;
          if (!this.insists) id = undefined;
          // Who was refused together does not come back together.
          else await pause(retryDelay(error) * (place % 16 + 1) / 16);
        }
      }
    };
    await Promise.all(Array.from({length: this.inFlight}, worker));
  }

  stop() { this.stopped = true; }

  // Sends the open ids only, until each is acknowledged.
  async settle(client) {
    const ids = [...this.open.keys()];
    const worker = async () => {
      for (let id = ids.pop(); id !== undefined; id = ids.pop()) await this.file(client, id);
    };
    await Promise.all(Array.from({length: this.inFlight}, worker));
  }

  // Settles, and then finds every acknowledged order once and no other.
  async check(client) {
    await this.settle(client);
    const orders = [...await filed(client)].filter(([id]) => id && id.startsWith(`${this.prefix}-`));
    const found = new Map(orders);
    for (const [id, name] of this.acknowledged) assert.deepStrictEqual(found.get(id), [name], id);
    assert.strictEqual(found.size, this.acknowledged.size);
  }
}

// A load that runs beside the test until `end()`, which may be called again: a test that fails must
// not leave it running.
class Background extends Load {
  // The client is the load's own. `options` as those of Load.
  constructor(client, prefix, options) {
    super(prefix, options);
    this.client = client;
    this.waiting = [];
    // Of all calls, with the request_id.
    this.failures = [];
    const look = (sent) => {
      this.waiting = this.waiting.filter(({enough, resolve}) => !enough(sent) || resolve());
    };
    this.failed = (id, error) => {
      this.failures.push(Object.assign(error, {id}));
      look();
      return false;
    };
    this.running = this.run(client, look);
  }

  // Resolves at the first answer for which `enough(sent)` is true; `sent` is undefined when it is an error.
  until(enough) {
    return new Promise((resolve) => this.waiting.push({enough, resolve}));
  }

  // The next `count` acknowledgements from now on.
  answers(count) {
    const until = this.acknowledged.size + count;
    return this.until(() => this.acknowledged.size >= until);
  }

  // Resolves to the seconds from `moment` to the first acknowledgement of a call that was made later.
  async recovery(moment) {
    await this.until((sent) => sent > moment);
    return (performance.now() - moment) / 1000;
  }

  async end() {
    this.stop();
    await this.running;
    this.client.close();
  }
}

// Every order as the suite has it: request_id (it stands in the title) -> [names].
async function filed(client) {
  const orders = new Map();
  let pageToken = '';
  do {
    const {response} = await client.call('baimi.ticket.v1.TicketService/ListTickets',
        {parent: COUNTY, pageSize: 1000, pageToken}, {seconds: 30});
    for (const {name, title} of response.tickets || []) {
      const id = title.split(' ')[1];
      orders.set(id, [...(orders.get(id) || []), name]);
    }
    pageToken = response.nextPageToken;
  } while (pageToken);
  return orders;
}

module.exports = {Background, IN_FLIGHT, Load, filed};
