import type { ConnectionStatus } from '../../../src/api/vaultConnection.ts';
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

const at = ({ team: { namespace } }: Scene) => ({ namespace, name: 'app' });
const reasons = {
  VaultConnection: 'VaultConnectionNotFound',
  ClusterVaultConnection: 'ClusterVaultConnectionNotAvailable',
} as const;

/** A VaultSecret whose connection is named as the namespace is. */
async function createReferring(scene: Scene, kind: Kind): Promise<void> {
  const { kube, azure } = scene.world;
  const { namespace, vault, serviceAccountName } = scene.team;
  const vaultConnectionRef = { kind, name: namespace };
  await azure.putSecret(vault, 'password', { value: 'first' });
  const spec = { data, vaultConnectionRef, serviceAccountName };
  await kube.create(vaultSecrets, { metadata: at(scene), spec });
}

/** Whose connection does not let it read yet. */
async function createWaiting(scene: Scene, kind: Kind): Promise<void> {
  await createReferring(scene, kind);
  const reason = reasons[kind];
  await untilCondition(scene.world.kube, at(scene), { status: 'False', reason });
}

function missed(scene: Scene, kind: Kind): Outcome {
  return object(scene.world.kube, vaultSecrets, at(scene), ({ status }) =>
    (status?.conditions ?? []).some(({ reason }) => reason === reasons[kind]),
  );
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

function isJudged({ status }: { readonly status?: ConnectionStatus | undefined }): boolean {
  return (status?.conditions ?? []).some(({ type }) => type === 'Ready');
}

function synced({ world, team: { namespace } }: Scene): Outcome {
  return object(world.kube, secrets, { namespace, name: 'app' }, () => true);
}

export const connectionScenarios = {
  'say what it makes of a VaultConnection': {
    async act({ world: { kube }, team: { namespace, vaultUrl } }) {
      const metadata = { namespace, name: namespace };
      await kube.create(vaultConnections, { metadata, spec: { vaultUrl } });
      return object(kube, vaultConnections, metadata, isJudged);
    },
  },
  'say that a VaultConnection is missing': {
    async act(scene) {
      await createReferring(scene, 'VaultConnection');
      return missed(scene, 'VaultConnection');
    },
  },
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
  'say that a ClusterVaultConnection is missing': {
    async act(scene) {
      await createReferring(scene, 'ClusterVaultConnection');
      return missed(scene, 'ClusterVaultConnection');
    },
  },
  'say that a ClusterVaultConnection wants another label': {
    async act(scene) {
      const { namespace } = scene.team;
      await createClusterConnection(scene, {
        selector: { matchLabels: { 'example.com/vault': namespace } },
      });
      await createReferring(scene, 'ClusterVaultConnection');
      return missed(scene, 'ClusterVaultConnection');
    },
  },
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
      return object(kube, clusterVaultConnections, { name }, isJudged);
    },
  },
} as const satisfies Readonly<Record<string, Scenario>>;
