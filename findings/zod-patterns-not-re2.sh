#!/usr/bin/env bash
# Version:   zod 4.6.7; the regexp package of the installed Go (which the API server uses for
#            `pattern` in a custom resource definition)
# Belief:    a pattern that z.toJSONSchema writes for target openapi-3.0 can stand in a CRD.
# Behaviour: z.iso.duration() and z.hostname() write look-ahead, which RE2 does not have, so the
#            API server refuses the whole definition.
# Seen:      duration: invalid or unsupported Perl syntax: `(?!`; hostname: the same with `(?=`;
#            uuid compiles.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts zod@4.6.7
cat >show.mjs <<'EOF'
import { z } from 'zod';

const schemas = { duration: z.iso.duration(), hostname: z.hostname(), uuid: z.uuid() };
for (const [name, schema] of Object.entries(schemas)) {
  console.log(`${name} ${z.toJSONSchema(schema, { target: 'openapi-3.0' }).pattern}`);
}
EOF
cat >main.go <<'EOF'
package main

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"strings"
)

func main() {
	compiles := map[string]bool{}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		name, pattern, _ := strings.Cut(lines.Text(), " ")
		_, err := regexp.Compile(pattern)
		fmt.Println(name, "compiles:", err == nil, err)
		compiles[name] = err == nil
	}
	if len(compiles) != 3 || compiles["duration"] || compiles["hostname"] || !compiles["uuid"] {
		os.Exit(1)
	}
}
EOF
node show.mjs | go run main.go
