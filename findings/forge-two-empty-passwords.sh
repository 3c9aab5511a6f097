#!/usr/bin/env bash
# Version:   node-forge 1.4.3, the installed OpenSSL 3
# Belief:    a PKCS#12 file without a password has one encoding of "no password", and forge opens
#            it with ''.
# Behaviour: there are two: a password of zero bytes and one of two zero bytes. forge writes and
#            opens the first only if the password argument is absent, and `openssl -passout pass:`
#            writes the second, which forge opens with '' only. openssl opens both.
# Seen:      forge file: absent opens, '' fails; openssl file: absent fails, '' opens.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts node-forge@1.4.3
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=a -keyout key.pem -out cert.pem 2>/dev/null
openssl pkcs12 -export -inkey key.pem -in cert.pem -passout pass: -out openssl.p12
cat >show.mjs <<'EOF'
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import forge from 'node-forge';

const key = forge.pki.privateKeyFromPem(readFileSync('key.pem', 'utf8'));
const cert = forge.pki.certificateFromPem(readFileSync('cert.pem', 'utf8'));
const made = forge.pkcs12.toPkcs12Asn1(key, [cert], null, { algorithm: '3des' });
writeFileSync('forge.p12', forge.asn1.toDer(made).getBytes(), 'latin1');

const opens = (file, ...password) => {
  const asn1 = forge.asn1.fromDer(readFileSync(file, 'latin1'));
  try {
    forge.pkcs12.pkcs12FromAsn1(asn1, false, ...password);
    return true;
  } catch {
    return false;
  }
};
for (const [file, absent, empty] of [
  ['forge.p12', true, false],
  ['openssl.p12', false, true],
]) {
  const seen = { file, absent: opens(file), empty: opens(file, '') };
  console.log(seen);
  assert.deepEqual(seen, { file, absent, empty });
}
EOF
node show.mjs
for file in forge.p12 openssl.p12; do
  openssl pkcs12 -in $file -passin pass: -nodes -noout && echo "openssl opens $file"
done
