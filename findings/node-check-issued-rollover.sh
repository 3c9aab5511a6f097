#!/usr/bin/env bash
# Version:   Node 20 or 24 (node:crypto X509Certificate), the installed OpenSSL 3 to make the files
# Belief:    leaf.checkIssued(ca) tells which of two CAs of one name issued a leaf, so it finds the
#            right one in a bundle after the CA's key was renewed.
# Behaviour: it compares names and key identifiers and never the signature. If the leaf has no
#            authority key identifier, both CAs "issued" it; only verify() tells them apart.
# Seen:      old: checkIssued true, verify true; renewed: checkIssued true, verify false
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
for ca in old renewed; do
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ca \
    -keyout $ca.key -out $ca.pem 2>/dev/null
done
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=leaf -keyout leaf.key \
  -out leaf.csr 2>/dev/null
printf 'subjectAltName=DNS:leaf\nauthorityKeyIdentifier=none\n' >leaf.ext
openssl x509 -req -in leaf.csr -CA old.pem -CAkey old.key -days 2 -extfile leaf.ext -out leaf.pem \
  2>/dev/null
cat >show.mjs <<'EOF'
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

const read = (name) => new X509Certificate(readFileSync(`${name}.pem`));
const leaf = read('leaf');
for (const [name, verified] of [
  ['old', true],
  ['renewed', false],
]) {
  const ca = read(name);
  const seen = { name, checkIssued: leaf.checkIssued(ca), verify: leaf.verify(ca.publicKey) };
  console.log(seen);
  assert.deepEqual(seen, { name, checkIssued: true, verify: verified });
}
EOF
node show.mjs
