// 128 orders being filed at any time, each under a request_id of its own that stays its own until it
// is acknowledged, across restarts of the suite.
'use strict';

const {COUNTY} = require('./suite.js');
const {FILED} = require('./order.js');

const IN_FLIGHT = 128;
const CREATE = 'baimi.ticket.v1.TicketService/CreateTicket';

class Load {
  // `prefix` of the request_ids, so that loads of one directory keep apart.
  constructor(prefix = 'load') {
    this.prefix = prefix;
    this.next = 0;
    // request_id -> name.
    this.acknowledged = new Map();
    // request_ids that were sent and not acknowledged, with the last error.
    this.open = new Map();
    // Of each call in `run`.
    this.seconds = 30;
    // Whether an id that was not acknowledged is sent again by `run` itself.
    this.repeats = false;
  }

  // Sends until `stop()`; resolves when every call came back. Unacknowledged ids of earlier runs go
  // first. `onAnswer(load)` after each acknowledgement; a caller for which `failed` is true gives up.
  async run(client, onAnswer = () => {}) {
    this.stopped = false;
    const again = [...this.open.keys()];
    const worker = async () => {
      while (!this.stopped) {
        const id = again.pop() || `${this.prefix}-${this.next++}`;
        this.open.set(id, this.open.get(id) || null);
        try {
          const {response} = await client.call(CREATE,
              {parent: COUNTY, requestId: id, ticket: {...FILED, title: `电梯停运 ${id}`}}, {seconds: this.seconds});
          this.acknowledged.set(id, response.name);
          this.open.delete(id);
          onAnswer(this);
        } catch (error) {
          this.open.set(id, error);
          if (this.repeats) again.push(id);
          if (this.failed && this.failed(id, error)) return;
        }
      }
    };
    await Promise.all(Array.from({length: IN_FLIGHT}, worker));
  }

  stop() { this.stopped = true; }

  // Sends the open ids only, until each is acknowledged.
  async settle(client) {
    const ids = [...this.open.keys()];
    const worker = async () => {
      for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
        const {response} = await client.call(CREATE,
            {parent: COUNTY, requestId: id, ticket: {...FILED, title: `电梯停运 ${id}`}}, {seconds: 30});
        this.acknowledged.set(id, response.name);
        this.open.delete(id);
      }
    };
    await Promise.all(Array.from({length: IN_FLIGHT}, worker));
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

module.exports = {IN_FLIGHT, Load, filed};
