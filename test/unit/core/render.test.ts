import { describe, expect, test } from 'vitest';
import type { DataEntry } from '../../../src/api/dataEntry.ts';
import { refKey } from '../../../src/core/source/keyVaultSecret.ts';
import { redact, reveal } from '../../../src/core/redacted.ts';
import { renderData } from '../../../src/core/secret/render.ts';
import { aKeyVaultSecret } from './builders.ts';

interface Given {
  readonly type?: string;
  readonly dataKey?: string;
  readonly decode?: 'base64' | 'hex';
  readonly value: string;
}

/** The bytes under the data key, as text. */
function rendered({ type = 'Opaque', dataKey = 'KEY', decode, value }: Given): string {
  const secret = { name: 'db-password' };
  const entry: DataEntry = { dataKey, secret, ...(decode === undefined ? {} : { decode }) };
  const values = new Map([[refKey(secret), aKeyVaultSecret({ value: redact(value) })]]);
  const data = new Map(Object.entries(renderData(type, [entry], values)));
  const base64 = data.get(dataKey);
  return base64 === undefined ? 'nothing' : Buffer.from(reveal(base64), 'base64').toString('utf8');
}

describe('a value', () => {
  test.each<readonly [string, Given, string]>([
    ['is written as it is', { value: ' grün\n' }, ' grün\n'],
    ['may be empty', { value: '' }, ''],
    ['is decoded from base64', { decode: 'base64', value: 'Z3LDvG4=' }, 'grün'],
    ['is decoded from base64 without padding', { decode: 'base64', value: 'Z3LDvG4' }, 'grün'],
    ['is decoded from the URL alphabet', { decode: 'base64', value: 'Pz8_Pj4-' }, '???>>>'],
    ['is decoded from wrapped lines', { decode: 'base64', value: 'Z3LD\r\nvG4=\n' }, 'grün'],
    ['is decoded from hex', { decode: 'hex', value: '6772C3bc6E' }, 'grün'],
    ['decodes from nothing to nothing', { decode: 'hex', value: '' }, ''],
  ])('%s', (_, given, expected) => {
    expect(rendered(given)).toBe(expected);
  });

  test.each<readonly [string, Given, string]>([
    ['base64 with a foreign letter', { decode: 'base64', value: 'Z3L!vG4=' }, 'base64'],
    ['base64 that is cut off', { decode: 'base64', value: 'Z3LDv' }, 'base64'],
    ['base64 with padding inside', { decode: 'base64', value: 'Z3=DvG4=' }, 'base64'],
    ['hex of odd length', { decode: 'hex', value: '677' }, 'hex'],
    ['hex with a foreign letter', { decode: 'hex', value: '6g' }, 'hex'],
  ])('%s is refused with its names, not with itself', (_, given, encoding) => {
    expect(() => rendered(given)).toThrow(
      `The value of secret db-password for data key KEY is not ${encoding}.`,
    );
  });

  test.each(['__proto__', 'constructor', 'toString', '.npmrc'])(
    'is written under the legal data key %s',
    (dataKey) => {
      expect(rendered({ dataKey, value: 'v' })).toBe('v');
    },
  );
});

describe('a value that the API server would not take', () => {
  const dockerConfig = { type: 'kubernetes.io/dockerconfigjson', dataKey: '.dockerconfigjson' };
  const dockerCfg = { type: 'kubernetes.io/dockercfg', dataKey: '.dockercfg' };
  const sshKey = { type: 'kubernetes.io/ssh-auth', dataKey: 'ssh-privatekey' };

  test.each<readonly [string, Given, string]>([
    ['text', { ...dockerConfig, value: 'user:password' }, 'a JSON object'],
    ['a JSON list', { ...dockerConfig, value: '[]' }, 'a JSON object'],
    ['a JSON text', { ...dockerCfg, value: '"{}"' }, 'a JSON object'],
    ['an empty private key', { ...sshKey, value: '' }, 'a private key'],
  ])('%s is refused before anything is deleted for it', (_, given, format) => {
    expect(() => rendered(given)).toThrow(`is not ${format}.`);
  });

  test.each<readonly [string, Given]>([
    ['a docker configuration', { ...dockerConfig, value: '{"auths":{}}' }],
    ['an encoded docker configuration', { ...dockerConfig, decode: 'base64', value: 'e30=' }],
    ['a private key', { ...sshKey, value: '-----BEGIN' }],
    ['text under another key of the type', { ...dockerConfig, dataKey: 'note', value: 'text' }],
    ['text in a type named like a method', { ...sshKey, type: 'toString', value: '' }],
  ])('is not %s', (_, given) => {
    expect(rendered(given)).not.toBe('nothing');
  });
});

test('an entry without its value is an error of ours', () => {
  const entry = { dataKey: 'KEY', secret: { name: 'db-password' } };

  expect(() => renderData('Opaque', [entry], new Map())).toThrow(TypeError);
});
