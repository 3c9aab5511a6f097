#!/usr/bin/env bash
# Version:   k8s.io/api and k8s.io/apimachinery v0.34.1
# Belief:    the times of a Lease are RFC 3339, so what Date.prototype.toISOString() writes will do.
# Behaviour: metav1.MicroTime takes exactly six digits after the point. Three, or none, are an
#            error, while metav1.Time (metadata, conditions) takes any number of digits.
# Seen:      renewTime .123456Z read, .123Z refused, no digits refused; metav1.Time reads all three.
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

	coordination "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func main() {
	changed := false
	for text, wanted := range map[string]bool{
		"2026-12-01T00:00:00.123456Z": true,
		"2026-12-01T00:00:00.123Z":    false,
		"2026-12-01T00:00:00Z":        false,
	} {
		var spec coordination.LeaseSpec
		err := json.Unmarshal([]byte(`{"renewTime":"`+text+`"}`), &spec)
		var time metav1.Time
		other := json.Unmarshal([]byte(`"`+text+`"`), &time)
		fmt.Println(text, "Lease:", err == nil, "metav1.Time:", other == nil, err)
		changed = changed || (err == nil) != wanted || other != nil
	}
	if changed {
		os.Exit(1)
	}
}
EOF
go mod init show >/dev/null 2>&1
go get k8s.io/api@v0.34.1 k8s.io/apimachinery@v0.34.1 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
go run .
