import { clientIdAnnotation, managedLabel } from '../../../src/api/meta.ts';
import { textsOf, untilCondition } from '../../testbed/expectations.ts';
import type { ObjectName } from '../../testbed/kubeClient.ts';
import { untilObjects } from '../../testbed/kubeConditions.ts';
import {
  events,
  secrets,
  serviceAccounts,
  vaultSecrets,
  type Secret,
} from '../../testbed/kubeResources.ts';
import { createSynced, data } from '../syncedVaultSecret.ts';
import { object, type Outcome, type Scenario, type Scene } from './scenario.ts';

const at = ({ team: { namespace } }: Scene) => ({ namespace, name: 'app' });
const encoded = (text: string): string => Buffer.from(text).toString('base64');
const type = 'example.com/password';

const holds = (expected: Readonly<Record<string, string>>) => (secret: Secret) =>
  JSON.stringify(textsOf(secret)) === JSON.stringify(expected);

function secretOf(scene: Scene, isExpected = holds({ PASSWORD: 'first' })): Outcome {
  return object(scene.world.kube, secrets, at(scene), isExpected);
}

function conditionOf(scene: Scene, reason: string): Outcome {
  return object(scene.world.kube, vaultSecrets, at(scene), ({ status }) =>
    (status?.conditions ?? []).some((found) => found.type === 'Ready' && found.reason === reason),
  );
}

async function createVaultSecret({ world, team }: Scene, spec: object = {}): Promise<void> {
  await world.azure.putSecret(team.vault, 'password', { value: 'first' });
  await world.stage.createVaultSecret(team, 'app', { data, ...spec });
}

async function synced({ world, team }: Scene): Promise<ObjectName> {
  await world.azure.putSecret(team.vault, 'password', { value: 'first' });
  return (await createSynced(world, { team })).at;
}

async function offerSecret({ world, ...scene }: Scene): Promise<void> {
  const metadata = { ...at({ world, ...scene }), labels: { [managedLabel]: 'true' } };
  await world.kube.create(secrets, { metadata, data: { THEIRS: encoded('theirs') } });
}

async function drift({ world: { kube } }: Scene, name: ObjectName): Promise<void> {
  await kube.mergePatch(secrets, name, { data: { PASSWORD: encoded('foreign') } });
}

/** Of a repaired drift, told so often. */
function repairEvent({ world: { kube }, team: { namespace } }: Scene, times: number): Outcome {
  const isIt = ({ reason, series }: { reason: string; series?: { count: number } | undefined }) =>
    reason === 'DriftRepaired' && (series?.count ?? 1) >= times;
  return {
    comesAbout: async () =>
      untilObjects(
        kube,
        events,
        { namespace },
        {
          what: `DriftRepaired, ${times} times`,
          holds: (all) => [...all.values()].some(isIt),
        },
      ),
    hasComeAbout: async () => (await kube.list(events, { namespace })).items.some(isIt),
  };
}

/** What a VaultSecret with a ServiceAccount and a vault needs. */
export const syncScenarios = {
  'make the Secret of a VaultSecret': {
    async act(scene) {
      await createVaultSecret(scene);
      return secretOf(scene);
    },
  },
  'see a VaultSecret that is made later': {
    isWatchedFor: true,
    async act(scene) {
      await createVaultSecret(scene);
      return secretOf(scene);
    },
  },
  'say that a VaultSecret is synced': {
    async act(scene) {
      await createVaultSecret(scene);
      return conditionOf(scene, 'Synced');
    },
  },
  'say that a ServiceAccount is missing': {
    async act(scene) {
      await createVaultSecret(scene, { serviceAccountName: 'nobody' });
      return conditionOf(scene, 'ServiceAccountNotFound');
    },
  },
  'follow the identity that is bound to a ServiceAccount': {
    isWatchedFor: true,
    async act(scene) {
      const { kube, stage, azure } = scene.world;
      const { namespace, vault } = scene.team;
      // Made after the first list, so that what is known of it comes from the watch.
      const account = { namespace, name: 'later' };
      const clientId = await stage.createServiceAccount(account);
      await azure.assignRoles({ vault, clientId, role: 'Key Vault Secrets User' });
      const bind = async (to: string | null) =>
        kube.mergePatch(serviceAccounts, account, {
          metadata: { annotations: { [clientIdAnnotation]: to } },
        });
      await bind(null);
      await createVaultSecret(scene, { serviceAccountName: account.name });
      await untilCondition(kube, at(scene), { status: 'False' });
      await bind(clientId);
      return secretOf(scene);
    },
  },
  'repair a Secret that somebody changed': {
    isWatchedFor: true,
    async act(scene) {
      await drift(scene, await synced(scene));
      return secretOf(scene);
    },
  },
  'put back an owner reference': {
    async act(scene) {
      const { kube } = scene.world;
      const name = await synced(scene);
      await kube.mergePatch(secrets, name, { metadata: { ownerReferences: null } });
      return secretOf(scene, ({ metadata }) => metadata.ownerReferences.length > 0);
    },
  },
  'tell a repair by an Event': {
    async act(scene) {
      await drift(scene, await synced(scene));
      return repairEvent(scene, 1);
    },
  },
  'count a repeated Event': {
    async act(scene) {
      const name = await synced(scene);
      await drift(scene, name);
      await repairEvent(scene, 1).comesAbout();
      process.kill(scene.controller.pid, 'SIGUSR2');
      await secretOf(scene).comesAbout();
      await drift(scene, name);
      return repairEvent(scene, 2);
    },
  },
  'adopt a Secret': {
    async act(scene) {
      await offerSecret(scene);
      await createVaultSecret(scene, { target: { creationPolicy: 'Adopt' } });
      return secretOf(scene);
    },
  },
  'merge into a Secret of others': {
    async act(scene) {
      await offerSecret(scene);
      await createVaultSecret(scene, { target: { creationPolicy: 'Merge' } });
      return secretOf(scene, holds({ PASSWORD: 'first', THEIRS: 'theirs' }));
    },
  },
  'replace a Secret by one of another type': {
    async act(scene) {
      const name = await synced(scene);
      await scene.world.kube.mergePatch(vaultSecrets, name, { spec: { target: { type } } });
      return secretOf(scene, (secret) => secret.type === type);
    },
  },
} as const satisfies Readonly<Record<string, Scenario>>;
