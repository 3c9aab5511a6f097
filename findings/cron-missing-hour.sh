#!/usr/bin/env bash
# Version:   croner 11.0.1 (npm); github.com/robfig/cron/v3 v3.0.1, the parser of CronJob
# Belief:    two cron libraries with a time zone agree on when "30 2 * * *" fires on the day on
#            which 02:30 does not exist.
# Behaviour: croner fires on that day, robfig/cron skips the day.
# Seen:      Europe/Berlin, 29 March 2026: croner 2026-03-29T01:00:00Z; robfig 2026-03-30T00:30:00Z
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts croner@11.0.1
cat >main.go <<'EOF'
package main

import (
	"fmt"
	"time"
	_ "time/tzdata"

	"github.com/robfig/cron/v3"
)

func main() {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	schedule, err := cron.ParseStandard("30 2 * * *")
	if err != nil {
		panic(err)
	}
	from := time.Date(2026, 3, 28, 12, 0, 0, 0, berlin)
	fmt.Println(schedule.Next(from).UTC().Format(time.RFC3339))
}
EOF
go mod init show >/dev/null 2>&1
go get github.com/robfig/cron/v3@v3.0.1 >/dev/null 2>&1
robfig=$(go run .)
cat >show.mjs <<'EOF'
import { Cron } from 'croner';

const job = new Cron('30 2 * * *', { timezone: 'Europe/Berlin', paused: true });
console.log(job.nextRun(new Date('2026-03-28T11:00:00Z')).toISOString().replace('.000', ''));
EOF
croner=$(node show.mjs)
echo "croner $croner robfig $robfig"
[ "$croner" = 2026-03-29T01:00:00Z ] && [ "$robfig" = 2026-03-30T00:30:00Z ]
