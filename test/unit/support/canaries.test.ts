import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { findCanaries } from '../../support/canaries.ts';

const value = 'kanarie-"7f/3+\\ä\n%&-4b1e';
const canaries = new Map([['password', value]]);
const { privateKey: pem } = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const base64url = (text: string): string => Buffer.from(text).toString('base64url');
const hex = (text: string): string => Buffer.from(text).toString('hex');
const around = (text: string): string => `before ${text} after`;

describe('a planted value is found', () => {
  const planted: readonly (readonly [shape: string, text: string])[] = [
    ['plain', value],
    ['in JSON', JSON.stringify({ value })],
    ['in JSON within JSON', JSON.stringify({ body: JSON.stringify({ value }) })],
    ['in a URL', `https://h/?q=${encodeURIComponent(value)}`],
    ['in a form', new URLSearchParams({ value }).toString()],
    ['in base64 as in a Secret', base64(value)],
    ['in base64url', base64url(`${value}${value}`)],
    ['in hex', hex(value)],
    ['in capital hex', hex(value).toUpperCase()],
    ...['', 'x', 'xy', 'xyz'].flatMap((before) => [
      [`in base64 after ${before.length} bytes`, base64(`${before}${value}`)] as const,
      [`in base64url after ${before.length} bytes`, base64url(`${before}${value}`)] as const,
      [
        `in base64 of what holds it in base64, after ${before.length} bytes`,
        base64(`${before}${base64(value)}`),
      ] as const,
    ]),
  ];

  test.each(planted)('%s', (_shape, text) => {
    for (const place of [around(text), Buffer.from(around(text))]) {
      expect(findCanaries(place, canaries)).not.toEqual([]);
    }
  });

  test.each(pem.trimEnd().split('\n').slice(1, -1))('by one line of a PEM: %#', (line) => {
    expect(findCanaries(around(line), new Map([['key', pem]]))).toHaveLength(1);
  });
});

describe('what is found', () => {
  test('is told by name and shape, without the value', () => {
    const told = findCanaries(`${value} ${base64(value)}`, canaries);

    expect(told).toContain('password, plain');
    expect(told).toContain('password, in base64 at 0');
    expect(inspect(told)).not.toContain('kanarie');
  });

  test('is nothing where nothing was planted', () => {
    expect(findCanaries(around('kanarie-7f'), canaries)).toEqual([]);
    expect(findCanaries('', canaries)).toEqual([]);
  });

  test('cannot be told of what is short enough to be there by chance', () => {
    expect(() => findCanaries('', new Map([['short', 'elevenchars']]))).toThrow('too short');
  });

  test('is of each canary that is there', () => {
    const two = new Map([
      ...canaries,
      ['other', 'kanarie-of-others'],
      ['third', 'kanarie-of-nobody'],
    ]);

    const names = findCanaries(`${value} kanarie-of-others`, two).map(
      (one) => one.split(',', 1)[0],
    );

    expect([...new Set(names)]).toEqual(['password', 'other']);
  });
});
