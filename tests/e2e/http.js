// HTTP/JSON by fetch.
'use strict';

const {wholeLife} = require('./order.js');
const {COUNTY} = require('./suite.js');

// Resolves to {status, headers, body}; the body parsed when it is JSON.
async function ask(base, key, method, target, body) {
  const headers = {};
  if (key) headers.authorization = `Bearer ${key}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const response = await fetch(`http://${base}${target}`,
      {method, headers, body: body === undefined ? undefined : JSON.stringify(body)});
  const text = await response.text();
  const json = (response.headers.get('content-type') || '').includes('json');
  return {status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text};
}

// The whole life through `base`; every answer goes through `check` first. `options` of wholeLife.
function lifeOverHttp(suite, base, check = () => {}, options = {}) {
  const call = async (key, method, target, body) => {
    const answer = await ask(base, suite.token(key), method, target, body);
    check(answer);
    if (answer.status !== 200) throw new Error(`${method} ${target}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  return wholeLife({
    file: (ticket, requestId) => call('clerk', 'POST', `/v1/${COUNTY}/tickets?requestId=${requestId}`, ticket),
    step: (method, verb, body, key, name) => call(key, 'POST', `/v1/${name}:${verb}`, body),
    events: async (name) => (await call('clerk', 'GET', `/v1/${name}/events?pageSize=100`)).events,
  }, options);
}

module.exports = {ask, lifeOverHttp};
