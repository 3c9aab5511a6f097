#!/usr/bin/env bash
# Version:   @azure/identity 4.14.1
# Belief:    a cached token is used until shortly before it expires, and a token that lives for
#            290 s is cached like any other.
# Behaviour: a token with less than 300 s left counts as expired, so a token that is issued for
#            290 s is never answered from the cache: each getToken goes to Entra ID.
# Seen:      expires_in 290: 3 getToken, 3 token requests; expires_in 320: 3 getToken, 1.
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
let lifetime = 290;
const server = https.createServer({ cert, key: readFileSync('key.pem') }, (ask, answer) => {
  answer.setHeader('content-type', 'application/json');
  if (ask.method === 'POST') posts++;
  const metadata = {
    issuer: `${authorityHost}/${tenant}/v2.0`,
    authorization_endpoint: `${authorityHost}/${tenant}/oauth2/v2.0/authorize`,
    token_endpoint: `${authorityHost}/${tenant}/oauth2/v2.0/token`,
    jwks_uri: `${authorityHost}/${tenant}/discovery/v2.0/keys`,
  };
  const token = { token_type: 'Bearer', expires_in: lifetime, access_token: 'token' };
  ask.resume().on('end', () => answer.end(JSON.stringify(ask.method === 'POST' ? token : metadata)));
});
await new Promise((done) => server.listen(0, done));
const authorityHost = `https://localhost:${server.address().port}`;
const client = '22222222-2222-4222-8222-222222222222';
for (const [seconds, expected] of [
  [290, 3],
  [320, 1],
]) {
  lifetime = seconds;
  posts = 0;
  const credential = new ClientAssertionCredential(tenant, client, async () => 'e30.e30.e30', {
    authorityHost,
    disableInstanceDiscovery: true,
    tlsOptions: { ca: cert },
  });
  for (let i = 0; i < 3; i++) await credential.getToken('https://vault.azure.net/.default');
  console.log(`expires_in ${seconds}: 3 getToken, ${posts} token requests`);
  assert.equal(posts, expected);
}
process.exit(0);
EOF
node show.mjs
