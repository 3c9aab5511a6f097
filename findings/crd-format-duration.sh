#!/usr/bin/env bash
# Version:   k8s.io/kube-openapi v0.0.0-20250710124328-f3f2b991d03b, whose formats the API server
#            uses for custom resources; k8s.io/apimachinery v0.34.1
# Belief:    `format: duration` in a CRD takes what metav1.Duration (Go's "1h30m") takes.
# Behaviour: it also takes days, words and ISO 8601, which metav1.Duration refuses, so the API
#            server stores objects that a controller cannot read.
# Seen:      format / metav1.Duration: 1h30m true/true; 1d, "5 minutes" and PT5M true/false.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >main.go <<'EOF'
package main

import (
	"encoding/json"
	"fmt"
	"os"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kube-openapi/pkg/validation/strfmt"
)

func main() {
	changed := false
	for _, c := range []struct {
		text           string
		format, metav1 bool
	}{{"1h30m", true, true}, {"1d", true, false}, {"5 minutes", true, false}, {"PT5M", true, false}} {
		format := strfmt.Default.Validates("duration", c.text)
		quoted, _ := json.Marshal(c.text)
		var duration metav1.Duration
		reads := json.Unmarshal(quoted, &duration) == nil
		fmt.Printf("%q format: %v, metav1.Duration: %v\n", c.text, format, reads)
		changed = changed || format != c.format || reads != c.metav1
	}
	if changed {
		os.Exit(1)
	}
}
EOF
go mod init show >/dev/null 2>&1
go get k8s.io/apimachinery@v0.34.1 k8s.io/kube-openapi@v0.0.0-20250710124328-f3f2b991d03b >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
go run .
