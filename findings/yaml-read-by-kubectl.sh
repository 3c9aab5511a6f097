#!/usr/bin/env bash
# Version:   yaml 2.9.1 (npm); sigs.k8s.io/yaml v1.6.0, with which kubectl and Helm read manifests
# Belief:    what a YAML library writes with its defaults, kubectl reads back as the same values.
# Behaviour: yaml writes YAML 1.2 and leaves "yes", "1_000" and "0b11" bare; sigs.k8s.io/yaml reads
#            YAML 1.1, so labels and annotations that were strings come out as booleans and numbers,
#            which the API server refuses. `{ version: '1.1' }` writes quotes.
# Seen:      default: {"a":true,"b":1000,"c":3}; version 1.1: {"a":"yes","b":"1_000","c":"0b11"}
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts yaml@2.9.1
cat >show.mjs <<'EOF'
import { stringify } from 'yaml';

const version = process.argv[2];
console.log(stringify({ a: 'yes', b: '1_000', c: '0b11' }, version ? { version } : {}));
EOF
cat >main.go <<'EOF'
package main

import (
	"fmt"
	"io"
	"os"

	"sigs.k8s.io/yaml"
)

func main() {
	text, _ := io.ReadAll(os.Stdin)
	read, err := yaml.YAMLToJSON(text)
	fmt.Println(string(read), err)
}
EOF
go mod init show >/dev/null 2>&1
go get sigs.k8s.io/yaml@v1.6.0 >/dev/null 2>&1
default=$(node show.mjs | go run .)
older=$(node show.mjs 1.1 | go run .)
echo "default: $default; version 1.1: $older"
[ "$default" = '{"a":true,"b":1000,"c":3} <nil>' ]
[ "$older" = '{"a":"yes","b":"1_000","c":"0b11"} <nil>' ]
