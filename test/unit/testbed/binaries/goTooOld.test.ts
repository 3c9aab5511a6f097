import { expect, test } from 'vitest';
import { isGoTooOld } from '../../../testbed/binaries/binaryCache.ts';

// As go says it: https://go.dev/doc/toolchain
test.each([
  [
    "go: errors parsing go.mod:\ngo.mod:3: invalid go version '1.26.0': must match format 1.23",
    true,
  ],
  ['go: go.mod requires go >= 1.26.0 (running go 1.22.2; GOTOOLCHAIN=local)', true],
  ['go: download go1.26 for linux/amd64: toolchain not available', true],
  ['note: module requires Go 1.26', true],
  ['go: module lookup disabled by GOPROXY=off', false],
  ['main.go:3:1: syntax error', false],
])('whether Go is too old is read from %j: %s', (said, expected) => {
  expect(isGoTooOld(said)).toBe(expected);
});
