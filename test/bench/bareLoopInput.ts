import { readFile } from 'node:fs/promises';
import { request as send } from 'undici';
import { z } from 'zod';
import { managedLabel, tokenExchangeAudience } from '../../src/api/meta.ts';
import { partialMetadata, partialMetadataList } from '../../src/kube/request.ts';
import { vaultSecretsPath } from '../../src/kube/vaultSecrets.ts';
import { createDispatchers } from '../../src/net/dispatcher.ts';
import type { Team } from '../testbed/stage.ts';
import type { World } from '../testbed/world.ts';
import type { BareLoopPlan, Collection } from './bareLoopPlan.ts';
import { writesFor, type FirstSyncSample } from './firstSyncSample.ts';
import type { Member } from './fleet.ts';
import { forEachAtOnce } from './pool.ts';

/** Workers of the controller when nobody says otherwise. */
const workers = 32;
const tokensAtOnce = 8;
/** What @azure/keyvault-secrets 4.12.0 asks for. */
const apiVersion = '2026-04-01';

const full = { list: 'application/json', watch: 'application/json' };
const metadataOnly = { list: partialMetadataList, watch: partialMetadata };

/** As the controller's three informers. */
const collections: readonly Collection[] = [
  { path: vaultSecretsPath, accept: full },
  { path: '/api/v1/secrets', labelSelector: `${managedLabel}=true`, accept: metadataOnly },
  { path: '/api/v1/serviceaccounts', accept: metadataOnly },
];

/** All that the loop needs, tokens too: it is not charged for what it would have to know. */
export async function bareLoopPlan(
  world: World,
  sample: FirstSyncSample,
  members: readonly Member[],
): Promise<BareLoopPlan> {
  const { azure, controllerKubeconfig } = world.testbed;
  const tokens = await acquireTokens(world, [...new Set(members.map(({ team }) => team))]);
  return {
    kubeconfig: controllerKubeconfig,
    vaultAddress: azure.vaultAddress,
    vaultCaFile: azure.caFile,
    atOnce: workers,
    collections,
    exchanges: members.map((member) => ({
      vaultUrl: `${member.team.vaultUrl}/secrets/${member.objectName}/?api-version=${apiVersion}`,
      token: tokens.get(member.team) ?? '',
      ...writesFor(sample, member),
    })),
  };
}

/** One for each identity, by the same exchange that the controller makes. */
async function acquireTokens(world: World, teams: readonly Team[]): Promise<Map<Team, string>> {
  const { azure } = world.testbed;
  const [address = '', port = ''] = azure.entraAddress.split(':');
  const entra = createDispatchers({
    resolve: [{ host: 'login.microsoftonline.com', address, port: Number(port) }],
    certificateAuthorities: [await readFile(azure.caFile, 'utf8')],
  })('login.microsoftonline.com');
  const tokens = new Map<Team, string>();
  await forEachAtOnce(teams, tokensAtOnce, async (team) => {
    const { namespace, serviceAccountName: name, clientId } = team;
    const assertion = await world.kube.requestToken(
      { namespace, name },
      { audience: tokenExchangeAudience },
    );
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
      client_id: clientId,
      scope: 'https://vault.azure.net/.default',
    });
    const url = `https://login.microsoftonline.com/${azure.tenantId}/oauth2/v2.0/token`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = form.toString();
    const answer = await send(url, { dispatcher: entra, method: 'POST', headers, body });
    tokens.set(team, tokenSchema.parse(await answer.body.json()).access_token);
  });
  await entra.close();
  return tokens;
}

const tokenSchema = z.object({ access_token: z.string() });
