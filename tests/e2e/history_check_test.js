// The check of histories finds what is planted, and nothing else.
'use strict';

const assert = require('node:assert');
const {test} = require('node:test');
const {check} = require('./history_check.js');

const FILED = [{order: 'a', client: 0, began: 0, ended: 1, version: 3, state: 'PENDING_DISPATCH'}];
const dispatch = (more) => ({order: 'a', client: 1, began: 2, ended: 3, verb: 'DispatchTicket', version: 4,
  state: 'DISPATCHED', ...more});
const sign = (more) => ({order: 'a', client: 2, began: 4, ended: 5, verb: 'SignTicket', version: 5,
  state: 'SIGNED', ...more});
const read = (more) => ({order: 'a', client: 1, began: 6, ended: 7, version: 5, ...more});

const SOUND = {
  'one after the other': [dispatch(), sign(), read()],
  'at the same time, one refused': [dispatch(), dispatch({client: 2, version: undefined, refused: 'ILLEGAL_TRANSITION'})],
  'on the version before': [dispatch({ifVersion: 3}), sign({ifVersion: 4})],
  'an old version refused': [dispatch(), sign({ifVersion: 3, version: undefined, refused: 'ETAG_MISMATCH'})],
  'a read that began before the change': [dispatch(), sign({client: 1, ended: 6.5}), read({version: 4})],
  'a read of another caller may be older': [dispatch(), sign(), read({client: 3, version: 3})],
};

const BROKEN = {
  'two winners': [/two winners/, [dispatch(), dispatch({client: 2})]],
  'a lost update': [/lost/, [dispatch(), sign({ifVersion: 3})]],
  'time runs backwards': [/lower version/, [dispatch({began: 8, ended: 9}), sign()]],
  'an own change not seen': [/its own/, [dispatch(), read({version: 3})]],
  'a change nobody made': [/nobody/, [dispatch(), read({version: 9})]],
  'a version refused that stood': [/nothing had changed/,
    [dispatch(), sign({ifVersion: 4, version: undefined, refused: 'ETAG_MISMATCH'})]],
  'a step refused that was open': [/though the state/,
    [dispatch(), sign({version: undefined, refused: 'ILLEGAL_TRANSITION'})]],
};

for (const [name, operations] of Object.entries(SOUND)) {
  test(`Check_${name.replaceAll(' ', '_')}_IsSound`, () => assert.deepStrictEqual(check(FILED, operations), []));
}

for (const [name, [finding, operations]] of Object.entries(BROKEN)) {
  test(`Check_${name.replaceAll(' ', '_')}_IsFound`, () => {
    const found = check(FILED, operations);
    assert.strictEqual(found.length, 1, found.join('\n'));
    assert.match(found[0], finding);
  });
}
