import { describe, expect, test } from 'vitest';
import { azureClouds, type Cloud } from '../../../src/api/cloud.ts';
import { probeVault } from '../../../src/keyvault/probe.ts';
import {
  anIdentity,
  aRead,
  aReader,
  aVault,
  failureOf,
  found,
  someTokens,
  tenantId,
  type VaultAnswer,
} from './fakeVault.ts';

const custom: Cloud = {
  name: 'Custom',
  authorityHost: 'https://login.cloud.example',
  authorityNames: ['login.cloud.example'],
  vaultSuffix: 'vault.region.cloud.example',
  scope: 'https://vault.cloud.example/.default',
};
const clouds = [...Object.values(azureClouds), custom];
const pairs = clouds.flatMap((own) =>
  clouds.filter((other) => other !== own).map((other) => [own, other] as const),
);

const vaultOf = ({ vaultSuffix }: Cloud): string => `https://shop-prod.${vaultSuffix}`;
const resourceOf = ({ scope }: Cloud): string => scope.replace('/.default', '');

function demanding(authority: Cloud, resource: Cloud): VaultAnswer {
  const header = `Bearer authorization="${authority.authorityHost}/${tenantId}", resource="${resourceOf(resource)}"`;
  return { status: 401, headers: { 'www-authenticate': header } };
}

/** Reads at the vault of one cloud as an identity of another. */
function reading(cloud: Cloud, at: Cloud, challenge: VaultAnswer) {
  const vault = aVault(() => found());
  vault.state.challenge = challenge;
  const { source, asked } = someTokens();
  const request = aRead({ vaultUrl: vaultOf(at), identity: anIdentity({ cloud }) });
  return { read: aReader(vault.httpClient, source).read(request), vault, asked };
}

describe('a token', () => {
  test.each(clouds.map((cloud) => [cloud.name, cloud] as const))(
    'of %s is asked for the vaults of that cloud',
    async (_, cloud) => {
      const { read, asked } = reading(cloud, cloud, demanding(cloud, cloud));

      await read;

      expect(asked.map(({ scope }) => scope)).toEqual([cloud.scope]);
    },
  );

  test.each(pairs.map(([own, other]) => [own.name, other.name, own, other] as const))(
    'of %s goes to no vault of %s, which is not even asked',
    async (_own, _other, own, other) => {
      const { read, vault, asked } = reading(own, other, demanding(own, own));

      expect((await failureOf(read)).reason).toBe('VaultNotTrusted');
      expect([asked, vault.requests]).toEqual([[], []]);
    },
  );

  test.each(pairs.map(([own, other]) => [own.name, other.name, own, other] as const))(
    'of %s goes to no vault that names authority or resource of %s',
    async (_own, _other, own, other) => {
      for (const challenge of [demanding(other, own), demanding(own, other)]) {
        const { read, asked } = reading(own, own, challenge);

        expect((await failureOf(read)).reason).toBe('VaultNotTrusted');
        expect(asked).toEqual([]);
      }
    },
  );
});

test.each([
  [undefined, '2026-04-01'],
  ['7.1', '7.1'],
] as const)('a cloud with API version %s is asked with %s', async (apiVersion, expected) => {
  const asked: (string | null)[] = [];
  const { httpClient, state } = aVault(({ url }) => {
    asked.push(new URL(url).searchParams.get('api-version'));
    return found();
  });
  state.challenge = demanding(custom, custom);
  const cloud = { ...custom, ...(apiVersion === undefined ? {} : { apiVersion }) };
  const read = aRead({ vaultUrl: vaultOf(custom), identity: anIdentity({ cloud }) });

  await aReader(httpClient).read(read);

  expect(asked).toEqual([expected]);
});

test('a vault that is asked without a token names its tenant for the cloud that was described, and for no other', async () => {
  const { httpClient, state } = aVault(() => found());
  state.challenge = demanding(custom, custom);
  const { authorityHost, vaultSuffix, scope } = custom;
  const cloud = { name: 'Custom', authorityHost, vaultSuffix, scope } as const;
  const vaultUrl = vaultOf(custom);

  expect((await probeVault(httpClient, { vaultUrl, cloud })).tenantId).toBe(tenantId);
  expect((await probeVault(httpClient, { vaultUrl })).tenantId).toBeUndefined();
});
