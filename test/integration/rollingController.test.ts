import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFailed, test } from 'vitest';
import { startIssuer, type TokenIssuer } from '../support/tokenIssuer.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { untilCondition, untilSecret } from '../testbed/expectations.ts';
import { clusterVaultConnections, vaultSecrets } from '../testbed/kubeResources.ts';
import { openWorld } from '../testbed/world.ts';
import { askForRefresh } from './syncedVaultSecret.ts';

const world = openWorld(inject('testbed'));
const { kube, stage, azure } = world;
const name = 'rolling-controller';
const subject = 'system:serviceaccount:vaultsecret-system:vaultsecret';
/** Shorter than what our token cache keeps, so that each read exchanges the content of the file anew. */
const tokenLifeSeconds = 20;
let issuer: TokenIssuer;
let controller: ControllerProcess;
let directory: string;
let tokenFile: string;
let clientId: string;
let vault: string;
let at: { readonly namespace: string; readonly name: string };

/** A VaultSecret in sync, by an identity that is bound to the controller's pod in a cluster with this issuer. */
beforeAll(async () => {
  issuer = await startIssuer(Date.now);
  directory = await mkdtemp(join(tmpdir(), 'vaultsecret-rolling-'));
  tokenFile = join(directory, 'token');
  await writeFile(tokenFile, await issuer.sign(subject));
  await azure.registerIssuer(issuer.access);
  await azure.setEntraFaults({ tokenLifeSeconds });
  const [application] = await azure.createApplications({ kind: 'userAssignedIdentity' });
  clientId = application?.clientId ?? '';
  await azure.addFederatedCredentials({ clientId, issuer: issuer.access.issuer, subject });
  vault = await stage.createVault();
  await azure.assignRoles({ vault, clientId, role: 'Key Vault Secrets User' });
  controller = await world.startController({
    env: { AZURE_CLIENT_ID: clientId, AZURE_FEDERATED_TOKEN_FILE: tokenFile },
  });
  await controller.untilReady();
  await syncFirst();
});
beforeEach(() => onTestFailed(() => console.error(controller.lines.slice(-20).join('\n'))));
afterAll(async () => {
  await azure.setEntraFaults({});
  await kube.delete(clusterVaultConnections, { name });
  await world.close();
  await issuer.close();
  await rm(directory, { recursive: true });
});

async function syncFirst(): Promise<void> {
  const namespace = await stage.createNamespace();
  at = { namespace, name: 'app' };
  await azure.putSecret(vault, `${namespace}--key`, { value: 'first' });
  await kube.create(clusterVaultConnections, {
    metadata: { name },
    spec: {
      vaultUrl: `https://${vault}.vault.azure.net`,
      allowedNamespaces: { names: [namespace] },
      lend: {
        identity: { kind: 'ControllerWorkloadIdentity' },
        objectPatterns: ['{namespace}--*'],
      },
    },
  });
  await kube.create(vaultSecrets, {
    metadata: at,
    spec: {
      vaultConnectionRef: { kind: 'ClusterVaultConnection', name },
      data: [{ dataKey: 'K', secret: { name: `${namespace}--key` } }],
    },
  });
  await untilCondition(kube, at, { status: 'True', reason: 'Synced' });
}

/** The next value arrives. Resolves to what has failed since the first. */
async function failuresUntil(value: string): Promise<readonly string[]> {
  await azure.putSecret(vault, `${at.namespace}--key`, { value });
  await askForRefresh(kube, at);
  await untilSecret(kube, at, { K: value });
  return controller.lines.filter((line) => line.includes('reconcile failed'));
}

test('a token file that the kubelet replaced is read at the next exchange', async () => {
  const renewed = `${subject}-renewed`;
  const federated = { clientId, issuer: issuer.access.issuer };
  await azure.addFederatedCredentials({ ...federated, subject: renewed });
  await writeFile(tokenFile, await issuer.sign(renewed));
  // What stood in the file before is worth nothing any more.
  await azure.removeFederatedCredentials({ ...federated, subject });

  expect(await failuresUntil('after the renewal')).toEqual([]);
});

test('a new signing key of the cluster is fetched when its first token comes', async () => {
  const before = issuer.fetches;
  await issuer.rotate();
  await writeFile(tokenFile, await issuer.sign(`${subject}-renewed`));

  expect(await failuresUntil('after the new key')).toEqual([]);
  expect(issuer.fetches).toBe(before + 1);
});
