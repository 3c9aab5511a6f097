import { expect, test } from 'vitest';
import { refKey, vaultHostOf, vaultNameOf } from '../../../src/core/source/keyVaultSecret.ts';

test('a reference is named by its object, and by its version when that is pinned', () => {
  expect(refKey({ name: 'a' })).toBe('a');
  expect(refKey({ name: 'a', version: '1' })).toBe('a/1');
});

test.each([
  'https://shop-prod.vault.azure.net',
  'https://shop-prod.vault.azure.net/',
  'https://SHOP-PROD.vault.azure.net:443',
])('%s has one host and one name, however it is written', (vaultUrl) => {
  expect(vaultHostOf(vaultUrl)).toBe('shop-prod.vault.azure.net');
  expect(vaultNameOf(vaultUrl)).toBe('shop-prod');
});
