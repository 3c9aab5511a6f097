import { describe, expect, test } from 'vitest';
import { fieldManagerOf } from '../../../src/api/meta.ts';
import { vaultSecretSpecSchema, vaultSecretStatusSchema } from '../../../src/api/vaultSecret.ts';
import { aSpec, aSynced } from '../core/builders.ts';

const entry = { dataKey: 'A', secret: { name: 'a' } };
const dataWith = (fields: object) => ({ data: [{ ...entry, ...fields }] });

function problemOf(fields: object): string | undefined {
  const result = vaultSecretSpecSchema.safeParse({ ...aSpec(), ...fields });
  return result.success ? undefined : result.error.issues[0]?.path.join('.');
}

describe('a spec is read', () => {
  test.each<readonly [string, object]>([
    ['with the least that it needs', {}],
    ['with a vault in China', { vaultUrl: 'https://shop-prod.vault.azure.cn' }],
    ['with a vault of the US government', { vaultUrl: 'https://shop.vault.usgovcloudapi.net/' }],
    ['with a pinned version', dataWith({ secret: { name: 'a', version: '0'.repeat(32) } })],
    ['with a dotted data key', dataWith({ dataKey: '.dockerconfigjson' })],
    ['with a data key that JavaScript knows', dataWith({ dataKey: '__proto__' })],
    [
      'with 256 keys',
      { data: Array.from({ length: 256 }, (_, i) => ({ ...entry, dataKey: `A${i}` })) },
    ],
    ['with a dotted ServiceAccount', { serviceAccountName: 'a.b-c' }],
    ['with labels', { target: { labels: { team: '', 'example.com/a': 'A_b.c-d' } } }],
    [
      'with everything',
      {
        refreshInterval: '1h30m',
        suspend: true,
        target: {
          name: 'a',
          type: 'Opaque',
          creationPolicy: 'Orphan',
          deletionPolicy: 'Retain',
          annotations: { a: 'b c' },
        },
      },
    ],
  ])('%s', (_, fields) => {
    expect(problemOf(fields)).toBeUndefined();
  });
});

describe('a spec is refused, and the field named,', () => {
  test.each<readonly [string, object, string]>([
    ['with http', { vaultUrl: 'http://shop-prod.vault.azure.net' }, 'vaultUrl'],
    ['with a port', { vaultUrl: 'https://shop-prod.vault.azure.net:443' }, 'vaultUrl'],
    ['with user info', { vaultUrl: 'https://a@shop-prod.vault.azure.net' }, 'vaultUrl'],
    [
      'with a look-alike host',
      { vaultUrl: 'https://shop-prod.vault.azure.net.evil.com' },
      'vaultUrl',
    ],
    [
      'with a host that only ends alike',
      { vaultUrl: 'https://evil.com/shop.vault.azure.net' },
      'vaultUrl',
    ],
    ['with a path', { vaultUrl: 'https://shop-prod.vault.azure.net/secrets' }, 'vaultUrl'],
    ['with a second line', { vaultUrl: 'https://shop-prod.vault.azure.net\n' }, 'vaultUrl'],
    ['with a reader of another namespace', { serviceAccountName: 'a/b' }, 'serviceAccountName'],
    ['without data', { data: [] }, 'data'],
    ['with an illegal data key', dataWith({ dataKey: 'a/b' }), 'data.0.dataKey'],
    ['with a data key that climbs', dataWith({ dataKey: '..a' }), 'data.0.dataKey'],
    ['with an illegal object', dataWith({ secret: { name: 'a_b' } }), 'data.0.secret.name'],
    [
      'with a short version',
      dataWith({ secret: { name: 'a', version: '1' } }),
      'data.0.secret.version',
    ],
    ['with an unknown decoding', dataWith({ decode: 'rot13' }), 'data.0.decode'],
    ['with an interval of no unit', { refreshInterval: '10' }, 'refreshInterval'],
    ['with an interval in days', { refreshInterval: '1d' }, 'refreshInterval'],
    ['with an unknown policy', { target: { creationPolicy: 'Own' } }, 'target.creationPolicy'],
    ['with a label of two words', { target: { labels: { a: 'b c' } } }, 'target.labels.a'],
    ['with a long label', { target: { labels: { a: 'b'.repeat(64) } } }, 'target.labels.a'],
    ['with an unknown field', { vaultURL: 'x' }, ''],
    ['with an unknown field inside', { target: { nmae: 'x' } }, 'target'],
  ])('%s', (_, fields, field) => {
    expect(problemOf(fields)).toBe(field);
  });
});

test('the status that we write is the status that the schema allows', () => {
  const { status } = aSynced().vaultSecret;

  expect(vaultSecretStatusSchema.parse(status)).toEqual(status);
});

test('a field manager is named after its VaultSecret, within the 128 bytes that are allowed', () => {
  const manager = fieldManagerOf('11111111-1111-1111-1111-111111111111');

  expect(manager).toBe('vaultsecret.dev/11111111-1111-1111-1111-111111111111');
  expect(Buffer.byteLength(manager)).toBeLessThanOrEqual(128);
});
