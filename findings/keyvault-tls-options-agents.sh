#!/usr/bin/env bash
# Version:   @azure/keyvault-secrets 4.12.0 with @azure/core-rest-pipeline 1.25.1
# Belief:    clients with the same TLS settings share the pool of connections, or each client
#            has one pool.
# Behaviour: the pool depends on the identity of the tlsOptions object. Ten clients with one object
#            share a connection; ten with equal objects, as `{ tlsOptions: { ca } }` in a loop
#            makes them, open one each.
# Seen:      10 clients, one read each: equal objects 10 connections, one object 1
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
  @azure/keyvault-secrets@4.12.0 @azure/core-rest-pipeline@1.25.1
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem 2>/dev/null
cat >show.mjs <<'EOF'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { SecretClient } from '@azure/keyvault-secrets';

const cert = readFileSync('cert.pem', 'utf8');
let connections = 0;
const options = { cert, key: readFileSync('key.pem'), keepAliveTimeout: 60_000 };
const server = https.createServer(options, (ask, answer) => {
  answer.setHeader('content-type', 'application/json');
  if (!ask.headers.authorization) {
    answer.statusCode = 401;
    answer.setHeader(
      'www-authenticate',
      'Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"',
    );
  }
  answer.end(JSON.stringify({ value: 'v', id: `${url}/secrets/a/1` }));
});
server.on('secureConnection', () => connections++);
await new Promise((done) => server.listen(0, done));
const url = `https://localhost:${server.address().port}`;
const credential = {
  getToken: async () => ({ token: 't', expiresOnTimestamp: Date.now() + 3_600_000 }),
};
const measure = async (tlsOptions) => {
  connections = 0;
  for (let i = 0; i < 10; i++) {
    const client = new SecretClient(url, credential, {
      disableChallengeResourceVerification: true,
      tlsOptions: tlsOptions(),
    });
    await client.getSecret('a');
  }
  return connections;
};
const one = { ca: cert };
const equal = await measure(() => ({ ca: cert }));
const shared = await measure(() => one);
console.log(`10 clients: equal objects ${equal} connections, one object ${shared}`);
assert.equal(equal, 10);
assert.equal(shared, 1);
process.exit(0);
EOF
node show.mjs
