// Two replicas write one county for a minute (BAIMI_TEST_WRITERS_SECONDS sets another time), each for
// callers of its own, and for some that both want to be first: no deadlock, no writer starves, nothing
// that must happen once happens twice, and who follows the journal meanwhile sees every number once.
// node writers_test.js PATH_OF_BAIMI_SUITE PATH_OF_BAIMICTL, in the form "replicas"
'use strict';

const assert = require('node:assert');
const {after, before, test} = require('node:test');
const {setTimeout: pause} = require('node:timers/promises');
const grpc = require('@grpc/grpc-js');
const {COUNTY, ready} = require('./suite.js');
const {Background} = require('./load.js');
const {doorsOf} = require('./freshness.js');
const {FILED, STEPS} = require('./order.js');

const SECONDS = Number(process.env.BAIMI_TEST_WRITERS_SECONDS || 60);
const CALLERS = 16;
// Of all that both write, the least that each must come to.
const LEAST_SHARE = 0.2;
const T = 'baimi.ticket.v1.TicketService/';
let suite;

before(async () => { suite = await ready(process.argv[2]); });
after(() => suite && suite.dispose());

// Everything of the county from now on, as one who watches sees it.
class Follower {
  async start() {
    this.client = suite.client();
    this.stream = this.client.stream(T + 'WatchTickets', {parent: COUNTY}, {seconds: SECONDS + 600});
    this.events = 0;
    this.waiting = [];
    const greeted = this.until(() => true);
    this.running = this.run();
    this.running.catch(() => {});
    await Promise.race([greeted, this.running]);
  }

  until(enough) {
    return new Promise((resolve) => this.waiting.push({enough, resolve}));
  }

  async run() {
    for await (const {event, cursor} of this.stream) {
      // Only facts about orders are written meanwhile, and a watch tells all of them.
      if (event) {
        this.events++;
        assert.strictEqual(Number(event.seq), this.seq + 1);
      }
      this.seq = Number(cursor);
      this.waiting = this.waiting.filter(({enough, resolve}) => !enough() || resolve());
    }
  }

  // Resolves when it has seen `seq`.
  async saw(seq) {
    if (this.seq < seq) await Promise.race([this.until(() => this.seq >= seq), this.running]);
  }

  async end() {
    this.stream.cancel();
    await this.running.catch((error) => { if (error.code !== grpc.status.CANCELLED) throw error; });
    this.client.close();
  }
}

// Orders that every step of is tried through both replicas at once: one of the tries has it, whoever
// comes later finds the state gone on. The shares of the two are in `won`.
class Contest {
  constructor() {
    this.doors = {};
    for (const key of ['clerk', 'unit-zhujianju']) this.doors[key] = doorsOf(suite, key);
    this.won = [0, 0];
    this.orders = 0;
    this.running = this.run();
    this.running.catch(() => {});
  }

  async race(key, method, request) {
    const id = `contest-${this.orders}-${method}`;
    const tries = [0, 1, 0, 1].map((door, i) =>
      this.doors[key][door].call(T + method, {...request, requestId: `${id}-${i}`}, {seconds: 30}).then(
          ({response}) => { this.won[door]++; return response; },
          (error) => { if (error.code !== grpc.status.FAILED_PRECONDITION) throw error; }));
    const answers = (await Promise.all(tries)).filter(Boolean);
    assert.strictEqual(answers.length, 1, id);
    return answers[0];
  }

  async run() {
    while (!this.stopped) {
      const [door] = this.doors.clerk;
      const {response: {name}} = await door.call(T + 'CreateTicket',
          {parent: COUNTY, ticket: FILED, requestId: `contest-${this.orders}`}, {seconds: 30});
      for (const [method, , body, key] of STEPS) {
        // A callback may be recorded again; what can happen once is contested.
        if (method !== 'RecordCallback') await this.race(key, method, {...body, name});
        else await this.doors[key][1].call(T + method, {...body, name}, {seconds: 30});
      }
      this.orders++;
    }
  }

  async end() {
    this.stopped = true;
    await this.running;
    for (const client of Object.values(this.doors).flat()) client.close();
  }
}

test(`Writers_OfTwoReplicasFor${SECONDS}Seconds_KeepOneOrderAndShareIt`, async (context) => {
  const follower = new Follower();
  await follower.start();
  const first = follower.seq;
  const contest = new Contest();
  const loads = doorsOf(suite).map((door, i) => new Background(door, `writer${i}`, {inFlight: CALLERS}));
  context.after(() => Promise.allSettled([...loads, contest, follower].map((one) => one.end())));
  await Promise.race([pause(SECONDS * 1000, null, {ref: false}), contest.running, follower.running]);
  await Promise.all([...loads, contest].map((one) => one.end()));

  const client = suite.client();
  for (const load of loads) {
    assert.deepStrictEqual(load.failures, []);
    await load.check(client);
  }
  client.close();
  const counts = loads.map(({acknowledged}) => acknowledged.size);
  const total = counts[0] + counts[1];
  for (const count of counts) assert.ok(count >= LEAST_SHARE * total, `shares: ${counts}`);

  const chains = await suite.verify(process.argv[3]);
  const [, records] = /^ticket\.db +county 469030 stream main +records +(\d+)/m.exec(chains);
  await follower.saw(Number(records));
  await follower.end();
  assert.strictEqual(follower.events, Number(records) - first);

  // Once nobody is connected all is counted.
  assert.strictEqual((await suite.stop()).code, 0);
  const {postgres} = suite.form;
  assert.strictEqual(await postgres.sql('SELECT sum(deadlocks) FROM pg_stat_database'), '0');
  const share = (part, of) => `${(100 * part / of).toFixed(1)} %`;
  context.diagnostic(`${SECONDS} s: ${total} orders, ${(total / SECONDS).toFixed(0)}/s, shares ` +
      `${share(counts[0], total)} and ${share(counts[1], total)}; ${contest.orders} contested orders, won ` +
      `${contest.won.join(' and ')}; ${follower.events} records followed without a gap; 0 deadlocks\n` +
      chains);
});
