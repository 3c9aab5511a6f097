import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { redact, reveal, type Redacted } from '../../../src/core/redacted.ts';

const value = 'p4ssw0rd';

test.each<readonly [string, (redacted: Redacted<string>) => string]>([
  ['JSON', (redacted) => JSON.stringify({ redacted })],
  ['inspection', (redacted) => inspect(redacted, { showHidden: true, depth: null, getters: true })],
  ['a template', (redacted: unknown) => `${String(redacted)}`],
  ['an error', (redacted) => inspect(new Error('failed', { cause: redacted }))],
  ['its own keys', (redacted) => Reflect.ownKeys(redacted).map(String).join()],
  ['a copy', (redacted) => inspect(structuredClone(redacted))],
])('a redacted value does not show in %s', (_, show) => {
  expect(show(redact(value))).not.toContain(value);
});

test('a redacted value comes back only by asking for it', () => {
  expect(reveal(redact(value))).toBe(value);
});

test.each([
  ['a copy', () => structuredClone(redact(value))],
  ['a spread', () => ({ ...redact(value) })],
  ['something alike', (): Redacted<string> => ({ redacted: true })],
])('%s of a redacted value reveals nothing', (_, make) => {
  expect(() => reveal(make())).toThrow('not a redacted value');
});

test('a redacted value cannot be given another one', () => {
  expect(Object.isFrozen(redact(value))).toBe(true);
});
