import { expect, test } from 'vitest';
import { findResolveRule } from '../../../src/net/resolve.ts';

const any = { host: '*.vault.azure.net', address: '10.0.0.1', port: 443 };
const shop = { host: 'shop.vault.azure.net', address: '10.0.0.2', port: 443 };

test.each([
  ['shop.vault.azure.net', shop],
  ['other.vault.azure.net', any],
  ['a.b.vault.azure.net', undefined],
  ['vault.azure.net', undefined],
  ['shop.vault.azure.net.evil.com', undefined],
  ['evilvault.azure.net', undefined],
  ['localhost', undefined],
])('the rule for %s is the first that names it, a wildcard being one label', (host, rule) => {
  expect(findResolveRule([shop, any], host)).toBe(rule);
});
