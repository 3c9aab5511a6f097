#!/usr/bin/env bash
# Version:   @azure/identity 4.14.1
# Belief:    ClientAssertionCredential asks its getAssertion callback once for each token that it
#            requests, and not at all when its cache has the token.
# Behaviour: each getToken calls it twice, even when the answer comes from the cache.
# Seen:      first getToken: 2 assertions, 1 token request; second: 2 assertions, 0 token requests.
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
const server = https.createServer({ cert, key: readFileSync('key.pem') }, (ask, answer) => {
  answer.setHeader('content-type', 'application/json');
  if (ask.method === 'POST') posts++;
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
let assertions = 0;
const getAssertion = async () => {
  assertions++;
  return 'e30.e30.e30';
};
const client = '22222222-2222-4222-8222-222222222222';
const credential = new ClientAssertionCredential(tenant, client, getAssertion, {
  authorityHost,
  disableInstanceDiscovery: true,
  tlsOptions: { ca: cert },
});
for (const expectedPosts of [1, 0]) {
  assertions = posts = 0;
  await credential.getToken('https://vault.azure.net/.default');
  console.log(`getToken: ${assertions} assertions, ${posts} token requests`);
  assert.equal(assertions, 2);
  assert.equal(posts, expectedPosts);
}
process.exit(0);
EOF
node show.mjs
