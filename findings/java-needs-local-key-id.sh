#!/usr/bin/env bash
# Version:   node-forge 1.4.3, the installed OpenSSL 3 and Java (seen with JDK 17)
# Belief:    Java finds the certificate of a key in a PKCS#12 file by the public key.
# Behaviour: without localKeyID it pairs the key with the first certificate of the file, so an
#            entry whose chain stands root first claims that the leaf's key belongs to the CA.
# Seen:      with localKeyID Certificate[1] is CN=leaf, without it CN=ca
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts node-forge@1.4.3
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.pem 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj /CN=leaf -keyout leaf.key -out leaf.csr 2>/dev/null
openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -days 2 -out leaf.pem 2>/dev/null
cat >show.mjs <<'EOF'
import { readFileSync, writeFileSync } from 'node:fs';
import forge from 'node-forge';

const key = forge.pki.privateKeyFromPem(readFileSync('leaf.key', 'utf8'));
const read = (name) => forge.pki.certificateFromPem(readFileSync(`${name}.pem`, 'utf8'));
const write = (file, chain, generateLocalKeyId) => {
  const options = { algorithm: '3des', friendlyName: 'a', generateLocalKeyId };
  const asn1 = forge.pkcs12.toPkcs12Asn1(key, chain, 'changeit', options);
  writeFileSync(file, forge.asn1.toDer(asn1).getBytes(), 'latin1');
};
write('without.p12', [read('ca'), read('leaf')], false);
EOF
node show.mjs
cat leaf.pem ca.pem >chain.pem
openssl pkcs12 -export -inkey leaf.key -in leaf.pem -certfile ca.pem -passout pass:changeit -out with.p12
owner() {
  keytool -list -v -keystore "$1" -storetype PKCS12 -storepass changeit 2>/dev/null |
    awk '/^Owner: / && !seen++ { print $2 }'
}
with=$(owner with.p12)
without=$(owner without.p12)
echo "with localKeyID $with, without $without"
[ "$with" = CN=leaf ] && [ "$without" = CN=ca ]
