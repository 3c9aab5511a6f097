#!/usr/bin/env bash
# Version:   @azure/keyvault-secrets 4.12.0
# Belief:    a client with a working credential sends a token with each request, and the query is
#            `?api-version=...` as in the service's documentation.
# Behaviour: the first request of each client goes without a token to be challenged, and so do all
#            that start beside it. The query is `api%2Dversion=`, after a slash behind the name.
# Seen:      32 parallel first reads: 64 requests, 32 without a token, 1 getToken;
#            /secrets/a/?api%2Dversion=2026-04-01
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
  @azure/keyvault-secrets@4.12.0 @azure/core-rest-pipeline@1.25.1
cat >show.mjs <<'EOF'
import assert from 'node:assert/strict';
import { createHttpHeaders } from '@azure/core-rest-pipeline';
import { SecretClient } from '@azure/keyvault-secrets';

let requests = 0;
let bare = 0;
let tokens = 0;
let seen;
const reply = (request, status, body, headers = {}) => ({
  request,
  status,
  headers: createHttpHeaders({ 'content-type': 'application/json', ...headers }),
  bodyAsText: JSON.stringify(body),
});
const httpClient = {
  async sendRequest(request) {
    requests++;
    seen = request.url.slice('https://v.vault.azure.net'.length);
    if (!request.headers.has('authorization')) {
      bare++;
      const challenge =
        'Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"';
      return reply(request, 401, {}, { 'www-authenticate': challenge });
    }
    return reply(request, 200, { value: 'v', id: 'https://v.vault.azure.net/secrets/a/1' });
  },
};
const credential = {
  async getToken() {
    tokens++;
    return { token: 't', expiresOnTimestamp: Date.now() + 3_600_000 };
  },
};
const client = new SecretClient('https://v.vault.azure.net', credential, { httpClient });
await Promise.all(Array.from({ length: 32 }, () => client.getSecret('a')));
console.log(`32 reads: ${requests} requests, ${bare} without a token, ${tokens} getToken; ${seen}`);
assert.equal(requests, 64);
assert.equal(bare, 32);
assert.equal(tokens, 1);
assert.match(seen, /^\/secrets\/a\/\?api%2Dversion=/);
EOF
node show.mjs
