#!/usr/bin/env bash
# Version:   @azure/storage-queue 12.32.0
# Belief:    receiveMessages gives the text that the sender put in, since the client parses the
#            XML answer.
# Behaviour: named references are decoded, numeric ones are not. A carriage return can stand in
#            XML as `&#xD;` only, so a text with CRLF comes out with those five characters in it.
# Seen:      wire: one&#xD;\ntwo &amp; three; messageText: "one&#xD;\ntwo & three"
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @azure/storage-queue@12.32.0
cat >show.mjs <<'EOF'
import assert from 'node:assert/strict';
import http from 'node:http';
import { AnonymousCredential, QueueClient } from '@azure/storage-queue';

const wire = 'one&#xD;\ntwo &amp; three';
const server = http.createServer((_, answer) => {
  const time = 'Tue, 01 Dec 2026 00:00:00 GMT';
  answer.setHeader('content-type', 'application/xml');
  answer.end(
    '<?xml version="1.0" encoding="utf-8"?><QueueMessagesList><QueueMessage>' +
      `<MessageId>1</MessageId><InsertionTime>${time}</InsertionTime>` +
      `<ExpirationTime>${time}</ExpirationTime><PopReceipt>p</PopReceipt>` +
      `<TimeNextVisible>${time}</TimeNextVisible><DequeueCount>1</DequeueCount>` +
      `<MessageText>${wire}</MessageText></QueueMessage></QueueMessagesList>`,
  );
});
await new Promise((done) => server.listen(0, done));
const url = `http://127.0.0.1:${server.address().port}/account/queue`;
const queue = new QueueClient(url, new AnonymousCredential());
const { receivedMessageItems } = await queue.receiveMessages();
const text = receivedMessageItems[0].messageText;
console.log(`wire ${JSON.stringify(wire)} messageText ${JSON.stringify(text)}`);
assert.equal(text, 'one&#xD;\ntwo & three');
process.exit(0);
EOF
node show.mjs
