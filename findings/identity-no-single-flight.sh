#!/usr/bin/env bash
# Version:   @azure/identity 4.14.1
# Belief:    parallel getToken calls on one credential for one scope share one request to Entra ID.
# Behaviour: while no token is cached, each call sends a token request and a discovery request
#            too. SecretClient hides this; 2 clients with one credential do not.
# Seen:      32 parallel calls: 32 token requests, 32 discovery requests; the next 32: 0 and 0.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @azure/identity@4.14.1
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem 2>/dev/null
cat >show.mjs <<'EOF'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { ClientAssertionCredential } from '@azure/identity';

const cert = readFileSync('cert.pem', 'utf8');
const tenant = '11111111-1111-4111-8111-111111111111';
let posts = 0;
let discoveries = 0;
const server = https.createServer({ cert, key: readFileSync('key.pem') }, (ask, answer) => {
  answer.setHeader('content-type', 'application/json');
  if (ask.method === 'POST') posts++;
  else discoveries++;
  const metadata = {
    issuer: `${authorityHost}/${tenant}/v2.0`,
    authorization_endpoint: `${authorityHost}/${tenant}/oauth2/v2.0/authorize`,
    token_endpoint: `${authorityHost}/${tenant}/oauth2/v2.0/token`,
    jwks_uri: `${authorityHost}/${tenant}/discovery/v2.0/keys`,
  };
  const token = { token_type: 'Bearer', expires_in: 3599, access_token: 'token' };
  ask.resume().on('end', () => answer.end(JSON.stringify(ask.method === 'POST' ? token : metadata)));
});
await new Promise((done) => server.listen(0, done));
const authorityHost = `https://localhost:${server.address().port}`;
const client = '22222222-2222-4222-8222-222222222222';
const credential = new ClientAssertionCredential(tenant, client, async () => 'e30.e30.e30', {
  authorityHost,
  disableInstanceDiscovery: true,
  tlsOptions: { ca: cert },
});
const scope = 'https://vault.azure.net/.default';
for (const expected of [32, 0]) {
  posts = discoveries = 0;
  await Promise.all(Array.from({ length: 32 }, () => credential.getToken(scope)));
  console.log(`32 parallel getToken: ${posts} token requests, ${discoveries} discovery requests`);
  assert.equal(posts, expected);
  assert.equal(discoveries, expected);
}
process.exit(0);
EOF
node show.mjs
