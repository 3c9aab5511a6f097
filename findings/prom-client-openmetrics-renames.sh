#!/usr/bin/env bash
# Version:   prom-client 15.1.3
# Belief:    the OpenMetrics content type (needed for exemplars) changes the form of the answer,
#            and the names of the series stay.
# Behaviour: a counter whose name lacks _total is written with it in OpenMetrics only, so rules and
#            dashboards on the old name find nothing after the switch.
# Seen:      text: jobs 1; OpenMetrics: jobs_total 1
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts prom-client@15.1.3
cat >show.mjs <<'EOF'
import assert from 'node:assert/strict';
import client from 'prom-client';

const sample = async (contentType) => {
  const registry = new client.Registry();
  registry.setContentType(contentType);
  new client.Counter({ name: 'jobs', help: 'h', registers: [registry] }).inc();
  return (await registry.metrics()).split('\n').find((line) => /^jobs/.test(line));
};
const text = await sample(client.Registry.PROMETHEUS_CONTENT_TYPE);
const openMetrics = await sample(client.Registry.OPENMETRICS_CONTENT_TYPE);
console.log({ text, openMetrics });
assert.equal(text, 'jobs 1');
assert.equal(openMetrics, 'jobs_total 1');
EOF
node show.mjs
