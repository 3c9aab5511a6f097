import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tokenExchangeAudience } from '../../../src/api/meta.ts';
import { controllerName, controllerNamespace } from '../../testbed/installation.ts';
import type { World } from '../../testbed/world.ts';

/** The controller's pod with an identity of its own, which an administrator bound to it. */
export interface ControllerIdentity {
  readonly clientId: string;
  /** Variables as the workload identity webhook sets them. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function createControllerIdentity({
  kube,
  azure,
  testbed,
}: World): Promise<ControllerIdentity> {
  const directory = await mkdtemp(join(tmpdir(), 'vaultsecret-identity-'));
  const tokenFile = join(directory, 'token');
  const at = { namespace: controllerNamespace, name: controllerName };
  await writeFile(tokenFile, await kube.requestToken(at, { audience: tokenExchangeAudience }));
  const [application] = await azure.createApplications({ kind: 'userAssignedIdentity' });
  const clientId = application?.clientId ?? '';
  const subject = `system:serviceaccount:${at.namespace}:${at.name}`;
  await azure.addFederatedCredentials({ clientId, issuer: testbed.issuer, subject });
  return {
    clientId,
    env: { AZURE_CLIENT_ID: clientId, AZURE_FEDERATED_TOKEN_FILE: tokenFile },
    close: () => rm(directory, { recursive: true, force: true }),
  };
}
