#!/usr/bin/env bash
# Version:   pkijs 4.0.0; software.sslmate.com/src/go-pkcs12 v0.7.0; the installed OpenSSL 3
# Belief:    a PKCS#12 file that pkijs writes and OpenSSL reads is DER, so Go reads it too.
# Behaviour: the octet strings are written in the constructed form of BER, which Go's asn1 refuses.
# Seen:      openssl reads it; Go: asn1: structure error; Go reads the file of openssl.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts pkijs@4.0.0 asn1js@4.0.0
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=a \
  -keyout key.pem -out cert.pem 2>/dev/null
openssl pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out key.der
openssl x509 -in cert.pem -outform DER -out cert.der
cat >show.mjs <<'EOF'
import { readFileSync, writeFileSync } from 'node:fs';
import * as pkijs from 'pkijs';

const bytes = (file) => new Uint8Array(readFileSync(file));
const password = new TextEncoder().encode('changeit').buffer;
const keyBag = new pkijs.PKCS8ShroudedKeyBag({
  parsedValue: pkijs.PrivateKeyInfo.fromBER(bytes('key.der')),
});
await keyBag.makeInternalValues({
  password,
  contentEncryptionAlgorithm: { name: 'AES-CBC', length: 256 },
  hmacHashAlgorithm: 'SHA-256',
  iterationCount: 2048,
});
const certBag = new pkijs.CertBag({ parsedValue: pkijs.Certificate.fromBER(bytes('cert.der')) });
const safe = (bagId, bagValue) => ({
  privacyMode: 0,
  value: new pkijs.SafeContents({ safeBags: [new pkijs.SafeBag({ bagId, bagValue })] }),
});
const safeContents = [
  safe('1.2.840.113549.1.12.10.1.2', keyBag),
  safe('1.2.840.113549.1.12.10.1.3', certBag),
];
const authenticatedSafe = new pkijs.AuthenticatedSafe({ parsedValue: { safeContents } });
await authenticatedSafe.makeInternalValues({ safeContents: [{}, {}] });
const pfx = new pkijs.PFX({ parsedValue: { integrityMode: 0, authenticatedSafe } });
await pfx.makeInternalValues({
  password,
  iterations: 2048,
  pbkdf2HashAlgorithm: 'SHA-256',
  hmacHashAlgorithm: 'SHA-256',
});
writeFileSync('a.p12', Buffer.from(pfx.toSchema().toBER()));
EOF
node show.mjs
openssl pkcs12 -in a.p12 -passin pass:changeit -nodes -out read.pem
[ "$(grep -c BEGIN read.pem)" = 2 ] && echo "openssl reads a.p12 of pkijs"
cat >main.go <<'EOF'
package main

import (
	"fmt"
	"os"

	"software.sslmate.com/src/go-pkcs12"
)

func main() {
	for _, file := range os.Args[1:] {
		bytes, _ := os.ReadFile(file)
		_, _, _, err := pkcs12.DecodeChain(bytes, "changeit")
		fmt.Println(file, err)
	}
}
EOF
openssl pkcs12 -export -inkey key.pem -in cert.pem -passout pass:changeit -out b.p12
go mod init show >/dev/null 2>&1
go get software.sslmate.com/src/go-pkcs12@v0.7.0 >/dev/null 2>&1
go run . a.p12 b.p12 | tee seen
grep -q '^a.p12 pkcs12: .*asn1: structure error' seen
grep -q '^b.p12 <nil>' seen
