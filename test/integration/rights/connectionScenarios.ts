import { untilCondition } from '../../testbed/expectations.ts';
import {
  clusterVaultConnections,
  namespaces,
  secrets,
  vaultConnections,
  vaultSecrets,
} from '../../testbed/kubeResources.ts';
import { data } from '../syncedVaultSecret.ts';
import { object, type Outcome, type Scenario, type Scene } from './scenario.ts';

type Kind = 'VaultConnection' | 'ClusterVaultConnection';

/** A VaultSecret whose connection, named as the namespace is, does not let it read yet. */
async function createWaiting({ world, team }: Scene, kind: Kind): Promise<void> {
  const { kube, azure } = world;
  const { namespace, vault, serviceAccountName } = team;
  const metadata = { namespace, name: 'app' };
  const vaultConnectionRef = { kind, name: namespace };
  await azure.putSecret(vault, 'password', { value: 'first' });
  await kube.create(vaultSecrets, {
    metadata,
    spec: { data, vaultConnectionRef, serviceAccountName },
  });
  const reason = `${kind}Not${kind === 'VaultConnection' ? 'Found' : 'Available'}`;
  await untilCondition(kube, metadata, { status: 'False', reason });
}

async function createClusterConnection(
  { world, team: { namespace, vaultUrl } }: Scene,
  allowedNamespaces: object,
): Promise<void> {
  const metadata = { name: namespace };
  await world.kube.create(clusterVaultConnections, {
    metadata,
    spec: { vaultUrl, allowedNamespaces },
  });
}

function synced({ world, team: { namespace } }: Scene): Outcome {
  return object(world.kube, secrets, { namespace, name: 'app' }, () => true);
}

export const connectionScenarios = {
  'follow a VaultConnection': {
    isWatchedFor: true,
    async act(scene) {
      const { world, team } = scene;
      const { namespace, vaultUrl } = team;
      await createWaiting(scene, 'VaultConnection');
      const metadata = { namespace, name: namespace };
      await world.kube.create(vaultConnections, { metadata, spec: { vaultUrl } });
      return synced(scene);
    },
  },
} as const satisfies Readonly<Record<string, Scenario>>;

/** With rights in namespaces alone there are none of these. */
export const clusterScenarios = {
  'follow a ClusterVaultConnection': {
    isWatchedFor: true,
    async act(scene) {
      await createWaiting(scene, 'ClusterVaultConnection');
      await createClusterConnection(scene, { names: [scene.team.namespace] });
      return synced(scene);
    },
  },
  'follow the labels of namespaces': {
    isWatchedFor: true,
    async act(scene) {
      const { namespace: name } = scene.team;
      const labels = { 'example.com/vault': name };
      await createClusterConnection(scene, { selector: { matchLabels: labels } });
      await createWaiting(scene, 'ClusterVaultConnection');
      await scene.world.kube.mergePatch(namespaces, { name }, { metadata: { labels } });
      return synced(scene);
    },
  },
  'say what it makes of a ClusterVaultConnection': {
    async act(scene) {
      const { namespace: name } = scene.team;
      await createClusterConnection(scene, { names: [name] });
      const { kube } = scene.world;
      return object(kube, clusterVaultConnections, { name }, ({ status }) =>
        (status?.conditions ?? []).some(({ type }) => type === 'Ready'),
      );
    },
  },
} as const satisfies Readonly<Record<string, Scenario>>;
