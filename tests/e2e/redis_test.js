// Redis goes away while 128 orders are being filed through the gateway: killed, and comes back empty;
// hanging, and comes back with what was true before. It costs speed: no call fails, nothing is lost or
// done twice, and nobody reads what is older than allowed.
// node redis_test.js PATH_OF_BAIMI_SUITE PATH_OF_BAIMICTL, in the form "replicas"
'use strict';

const assert = require('node:assert');
const {after, before, test} = require('node:test');
const {COUNTY, Suite, ready} = require('./suite.js');
const {Background} = require('./load.js');
const {BOUND_MS, awaitVersion, doorsOf, read, versionOf} = require('./freshness.js');
const {FILED, STEPS} = require('./order.js');

const T = 'baimi.ticket.v1.TicketService/';
let suite;

before(async () => { suite = await ready(process.argv[2]); });
after(() => suite && suite.dispose());

// Takes orders through their life over the gateway, one after the other, and reads them after each
// step: whoever took it through the gateway, everybody else at each replica.
class Reader {
  // `prefix` of its request_ids.
  constructor(prefix) {
    this.prefix = prefix;
    this.clients = {};
    this.doors = doorsOf(suite);
    this.lives = 0;
    this.older = 0;
    this.waiting = [];
    this.running = this.run();
    // Looked at in `end`.
    this.running.catch(() => {});
  }

  client(key) {
    this.clients[key] = this.clients[key] || suite.client(key);
    return this.clients[key];
  }

  async step(key, method, request) {
    const {response: ticket} = await this.client(key).call(T + method, request, {seconds: 30});
    const changed = Date.now();
    const own = await read(this.client(key), ticket.name);
    assert.ok(versionOf(own) >= versionOf(ticket), `${method}: its own caller reads ${own.etag}, want ${ticket.etag}`);
    const older = await Promise.all(
        this.doors.map((door) => awaitVersion(door, ticket.name, versionOf(ticket), changed)));
    this.older += older.reduce((sum, one) => sum + one);
    return ticket;
  }

  async run() {
    while (!this.stopped) {
      const requestId = `${this.prefix}-life-${this.lives}`;
      const {name} = await this.step('clerk', 'CreateTicket', {parent: COUNTY, ticket: FILED, requestId});
      for (const [method, , body, key] of STEPS) {
        await this.step(key, method, {...body, name, requestId: `${requestId}-${method}`});
      }
      this.lives++;
      this.waiting = this.waiting.filter(({until, resolve}) => this.lives < until || resolve());
    }
  }

  // The next `count` whole lives from now on; rejects when one failed.
  more(count) {
    const enough = new Promise((resolve) => this.waiting.push({until: this.lives + count, resolve}));
    return Promise.race([enough, this.running]);
  }

  async end() {
    this.stopped = true;
    await this.running;
    for (const client of [...Object.values(this.clients), ...this.doors]) client.close();
  }
}

// A figure of the caches of both replicas.
async function caches(name) {
  const each = suite.form.tickets.map(({admin}) => Suite.metric(admin, `baimi_cache_${name}_total`));
  return (await Promise.all(each)).reduce((sum, one) => sum + one);
}

// Resolves to what happened, in words.
async function without(context, prefix, {away, back}) {
  const retries = () => Suite.metric(suite.admin, 'baimi_gateway_retries_total');
  const retriesBefore = await retries();
  const load = new Background(suite.client(), prefix);
  const reader = new Reader(prefix);
  context.after(() => Promise.allSettled([load.end(), reader.end()]));
  await load.answers(300);
  await reader.more(1);

  const errors = await caches('errors');
  await away();
  const gone = performance.now();
  const seconds = await load.recovery(gone);
  await load.answers(600);
  await reader.more(2);
  assert.ok(await caches('errors') > errors, 'nobody missed it');

  const puts = await caches('puts');
  await back();
  const returned = performance.now();
  while (await caches('puts') === puts) await reader.more(1);
  const used = (performance.now() - returned) / 1000;
  await load.answers(300);
  await reader.more(2);
  await reader.end();
  await load.end();

  assert.deepStrictEqual(load.failures, []);
  // Nor was there an error that the gateway made good.
  assert.strictEqual(await retries(), retriesBefore);
  const client = suite.client();
  await load.check(client);
  client.close();
  return `${load.acknowledged.size} orders acknowledged, 0 lost, 0 doubled, 0 calls failed; ${seconds.toFixed(2)} s ` +
      `from its end to the first new order, ${used.toFixed(2)} s from its return until it was used; ` +
      `${reader.lives} lives read, ${reader.older} reads were behind, none by more than ${BOUND_MS} ms`;
}

test('Kill_OfRedisUnderLoad_FailsNoCallAndKeepsTheBoundOfReads', async (context) => {
  const {redis} = suite.form;
  context.diagnostic(await without(context, 'killed', {away: () => redis.stop(), back: () => redis.start()}));
});

test('Hang_OfRedisUnderLoad_FailsNoCallAndKeepsTheBoundOfReads', async (context) => {
  const {redis} = suite.form;
  context.diagnostic(await without(context, 'hung', {away: () => redis.hang(), back: () => redis.wake()}));
});

test('Journals_AfterAllThat_AreWhole', async (context) => {
  context.diagnostic(await suite.verify(process.argv[3]));
});
