#!/usr/bin/env bash
# Version:   @azure/keyvault-secrets 4.12.0 with @azure/core-rest-pipeline 1.25.1
# Belief:    retryOptions.maxRetryDelayInMs is the longest wait between two tries.
# Behaviour: it bounds the client's own backoff only. A Retry-After header is waited out inside
#            the call however long it is, so one 429 can hold a caller for the hour that it names.
# Seen:      maxRetryDelayInMs 50, Retry-After 3: getSecret took 3.0 s and then gave the value.
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

let throttled = 0;
const reply = (request, status, body, headers = {}) => ({
  request,
  status,
  headers: createHttpHeaders({ 'content-type': 'application/json', ...headers }),
  bodyAsText: JSON.stringify(body),
});
const httpClient = {
  async sendRequest(request) {
    if (!request.headers.has('authorization')) {
      const challenge =
        'Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"';
      return reply(request, 401, {}, { 'www-authenticate': challenge });
    }
    if (throttled++ === 0) return reply(request, 429, {}, { 'retry-after': '3' });
    return reply(request, 200, { value: 'v', id: 'https://v.vault.azure.net/secrets/a/1' });
  },
};
const credential = {
  getToken: async () => ({ token: 't', expiresOnTimestamp: Date.now() + 3_600_000 }),
};
const retryOptions = { maxRetries: 3, retryDelayInMs: 10, maxRetryDelayInMs: 50 };
const client = new SecretClient('https://v.vault.azure.net', credential, {
  httpClient,
  retryOptions,
});
const start = performance.now();
const { value } = await client.getSecret('a');
const took = performance.now() - start;
console.log(`limit 50 ms, Retry-After 3 s: ${(took / 1000).toFixed(1)} s, value ${value}`);
assert.ok(took >= 2_900);
EOF
node show.mjs
