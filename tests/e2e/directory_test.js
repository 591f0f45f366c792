// The suite's data directory is one suite's: node directory_test.js PATH_OF_BAIMI_SUITE
'use strict';

const assert = require('node:assert');
const {after, before, test} = require('node:test');
const {Suite, ready} = require('./suite.js');

let suite;

before(async () => { suite = await ready(process.argv[2]); });
after(() => suite && suite.dispose());

test('Second_SuiteOnTheSameData_IsRefused', async () => {
  await assert.rejects(new Suite(suite.binary, suite.data).start(), /another suite runs on it/);
  assert.strictEqual((await suite.stop()).code, 0);
});
