import { readFile } from 'node:fs/promises';
import { tokenExchangeAudience } from '../../../src/api/meta.ts';
import type { Team } from '../../testbed/stage.ts';
import type { World } from '../../testbed/world.ts';
import { exchangeToken } from '../entraExchange.ts';

/**
 * What gives a token away. The first part of one names the key that signed it, so all tokens of a signer begin
 * alike: wherever that stands, there is one.
 */
export async function marksOfTokens(
  { kube, testbed }: World,
  { namespace, serviceAccountName: name, clientId }: Team,
): Promise<ReadonlyMap<string, string>> {
  const audience = tokenExchangeAudience;
  const assertion = await kube.requestToken({ namespace, name }, { audience });
  const { access_token: token = '' } = (await exchangeToken(testbed, clientId, assertion)).body;
  const own = (await readFile(testbed.controllerTokenFile, 'utf8')).trim();
  return new Map([
    ['a token of the cluster', assertion.split('.', 1)[0] ?? ''],
    ['a token of Microsoft Entra ID', token.split('.', 1)[0] ?? ''],
    ["the signature of the controller's token", own.split('.').at(-1) ?? ''],
  ]);
}
