// Baimi as finished binaries, in the form that BAIMI_TEST_FORM names (see forms.js): started on a new
// data directory and free ports, always stopped.
'use strict';

const assert = require('node:assert');
const {execFile} = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const {Client} = require('./client.js');
const {makeForm, startProcess} = require('./forms.js');

const COUNTY = 'counties/469030';
const R = 'baimi.registry.v1.';
const T = 'baimi.ticket.v1.';

function newDirectory() {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'baimi_e2e_'));
}

class Suite {
  // `binary`: that of the suite, whatever the form.
  constructor(binary, data = newDirectory()) {
    this.binary = binary;
    this.data = data;
    this.form = makeForm(binary, data);
  }

  async start() {
    Object.assign(this, await this.form.start());
    return this;
  }

  // Resolves to {code, signal, output} of the process that has the doors.
  stop(signal = 'SIGTERM') {
    return this.form.stop(signal);
  }

  token(key = 'admin') {
    return fs.readFileSync(path.join(this.data, 'tokens', key), 'utf8');
  }

  client(key = 'admin') {
    return new Client(this.grpc, this.token(key));
  }

  // Resolves to what baimictl says of every chain; rejects when one is not whole.
  verify(baimictl) {
    return new Promise((resolve, reject) => {
      execFile(baimictl, ['verify', '--data', this.data], (error, stdout, stderr) => {
        if (error) reject(new Error(`baimictl verify: exit code ${error.code}\n${stdout}${stderr}`));
        else resolve(stdout);
      });
    });
  }

  // A metric on an admin port: the sum over all its labels, or over those that `labels` matches.
  static async metric(admin, name, labels = /^/) {
    const text = await (await fetch(`http://${admin}/metrics`)).text();
    let sum = 0;
    for (const [, of, value] of text.matchAll(new RegExp(`^${name}(\\{.*\\})? (\\S+)$`, 'gm'))) {
      if (labels.test(of || '')) sum += Number(value);
    }
    return sum;
  }

  // Kills what still runs and removes the data.
  async dispose() {
    await this.form.dispose();
    fs.rmSync(this.data, {recursive: true, force: true});
  }
}

const UNITS = {
  hotline: {displayName: '12345热线中心', kind: 'HOTLINE_CENTRE'},
  zhujianju: {displayName: '县住建局', kind: 'DEPARTMENT'},
  xianfuban: {displayName: '县政府办', kind: 'DEPARTMENT'},
};

const days = (amount) => ({unit: 'WORKING_DAYS', amount});

const POLICY = {
  categories: [{code: '02', displayName: '住房城建'}, {code: '0203', displayName: '物业与电梯'}],
  catalogue: [{id: 'lift', category: '0203', leadRole: 'NAMED_UNIT', leadUnit: `${COUNTY}/units/zhujianju`,
    legalBasis: '物业管理条例'}],
  clockRules: ['DISPATCH', 'SIGN', 'HANDLE', 'CALLBACK']
      .map((kind) => ({id: kind.toLowerCase(), kind, period: days(kind === 'HANDLE' ? 5 : 1)})),
  fallbackUnit: `${COUNTY}/units/xianfuban`,
  businessHours: [{startMinute: 510, endMinute: 720}, {startMinute: 870, endMinute: 1050}],
  returnWindow: days(1),
  maxCallbackAttempts: 3,
  reopenDays: 15,
  attachments: {maxBytes: '1000000', maxPerTicket: 3, kinds: ['MEDIA_PICTURE'], unclaimedHours: 1},
};

// A county of one town, one community and one grid, over gRPC.
async function makeCounty(suite) {
  const client = suite.client();
  const parent = COUNTY;
  const area = `${COUNTY}/areas/469030000000`;
  await client.call(R + 'AreaService/ImportAreas', {parent,
    csv: 'code,name,kind\n469030000000,琼中县,县\n469030100000,营根镇,镇\n469030100003,营北社区,社区\n'});
  await client.call(R + 'GridService/CreateGrid',
      {parent, grid: {code: '469030100003001', displayName: '营北社区第一网格'}});
  await client.call(R + 'EstateService/CreateEstate', {parent, estateId: 'minhua',
    estate: {displayName: '珉华小区', grid: `${COUNTY}/grids/469030100003001`}});
  for (const [unitId, unit] of Object.entries(UNITS)) {
    await client.call(R + 'UnitService/CreateUnit', {parent, unitId, unit: {...unit, area}});
  }
  await client.call(T + 'TicketPolicyService/CreateTicketPolicy', {parent, ticketPolicy: POLICY});
  client.close();
}

// A started suite with its county; the test file disposes of it.
async function ready(binary) {
  assert(binary, 'usage: node <test>.js PATH_OF_BAIMI_SUITE');
  const suite = new Suite(path.resolve(binary));
  try {
    await suite.start();
    await makeCounty(suite);
  } catch (error) {
    await suite.dispose();
    throw error;
  }
  return suite;
}

module.exports = {COUNTY, Suite, makeCounty, newDirectory, ready, startProcess};
