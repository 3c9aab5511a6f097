#!/usr/bin/env bash
# Version:   liquidjs 10.30.1
# Belief:    `{{ name | default: "x" }}` is the way to give an absent variable a value, also with
#            strictVariables.
# Behaviour: the variable throws before the filter runs. The option that helps is lenientIf, whose
#            name speaks of `if` only.
# Seen:      strict: undefined variable: name; strict with lenientIf: x
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts liquidjs@10.30.1
cat >show.mjs <<'EOF'
import assert from 'node:assert/strict';
import { Liquid } from 'liquidjs';

const render = (options) => {
  try {
    return new Liquid(options).parseAndRenderSync('{{ name | default: "x" }}', {});
  } catch (error) {
    return `${error.name}: ${error.message.split('\n')[0]}`;
  }
};
const strict = render({ strictVariables: true });
const lenient = render({ strictVariables: true, lenientIf: true });
console.log({ strict, lenient });
assert.match(strict, /undefined variable/i);
assert.equal(lenient, 'x');
EOF
node show.mjs
