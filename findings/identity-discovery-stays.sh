#!/usr/bin/env bash
# Version:   @azure/identity 4.14.1
# Belief:    disableInstanceDiscovery: true leaves one request for a token, the POST to the token
#            endpoint, so a private cloud or a proxy has to let only that through.
# Behaviour: the option stops the look-up of the cloud alone. The tenant's openid-configuration is
#            still read first, and without it no token is requested.
# Seen:      GET /<tenant>/v2.0/.well-known/openid-configuration, POST /<tenant>/oauth2/v2.0/token
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
const asked = [];
const server = https.createServer({ cert, key: readFileSync('key.pem') }, (ask, answer) => {
  answer.setHeader('content-type', 'application/json');
  asked.push(`${ask.method} ${ask.url.split('?')[0].replace(tenant, '<tenant>')}`);
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
await credential.getToken('https://vault.azure.net/.default');
console.log(asked);
assert.deepEqual(asked, [
  'GET /<tenant>/v2.0/.well-known/openid-configuration',
  'POST /<tenant>/oauth2/v2.0/token',
]);
process.exit(0);
EOF
node show.mjs
