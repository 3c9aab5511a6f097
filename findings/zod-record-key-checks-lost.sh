#!/usr/bin/env bash
# Version:   zod 4.6.7
# Belief:    a check on the keys of z.record() that a JSON schema cannot hold makes z.toJSONSchema
#            throw, since `unrepresentable: 'throw'` is set.
# Behaviour: for target openapi-3.0, which has no propertyNames, the key schema is dropped without
#            an error, and so are refinements: the API server then accepts what zod refuses.
# Seen:      draft-2020-12 has propertyNames with pattern ^a; openapi-3.0 has additionalProperties
#            only; zod itself refuses {"b":"x"}.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts zod@4.6.7
cat >show.mjs <<'EOF'
import assert from 'node:assert/strict';
import { z } from 'zod';

const short = (value) => Object.keys(value).length < 3;
const schema = z.record(z.string().regex(/^a/), z.string()).refine(short);
const json = (target) => z.toJSONSchema(schema, { target, unrepresentable: 'throw' });
const draft = json('draft-2020-12');
const openApi = json('openapi-3.0');
console.log({ draft, openApi, zodTakesIt: schema.safeParse({ b: 'x' }).success });
assert.equal(draft.propertyNames.pattern, '^a');
assert.deepEqual(openApi, { type: 'object', additionalProperties: { type: 'string' } });
assert.equal(schema.safeParse({ b: 'x' }).success, false);
EOF
node show.mjs
