import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { managedLabel } from '../../src/api/meta.ts';
import {
  errorCatalogue,
  isDefinite,
  type ErrorReason,
} from '../../src/core/errors/errorCatalogue.ts';
import type { ControllerProcess } from '../testbed/controllerProcess.ts';
import { textsOf, untilCondition } from '../testbed/expectations.ts';
import { untilObject } from '../testbed/kubeConditions.ts';
import { namespaces, secrets, vaultSecrets } from '../testbed/kubeResources.ts';
import type { Team } from '../testbed/stage.ts';
import { openWorld } from '../testbed/world.ts';
import {
  askWebhook,
  deny,
  fillQuota,
  refuserOf,
  refusersText,
  startRefusingWebhook,
  untilRefused,
  type Removal,
} from './admission.ts';
import { createLimitedUser } from './limitedUser.ts';
import { mutatingRefusals, secretIn, tokenIn, type Refusal } from './mutatingRefusals.ts';
import { askForRefresh, createSynced, data } from './syncedVaultSecret.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube, stage, azure } = world;
let controller: ControllerProcess;

beforeAll(async () => {
  controller = await world.startController();
  await controller.untilReady();
});
afterAll(() => world.close());

/** Waits for the failure. Its message must begin with the code, hold the words, and repeat no refuser. */
async function explanationOf(
  at: { readonly namespace: string; readonly name: string },
  reason: ErrorReason,
  words: readonly string[],
): Promise<string> {
  const { status } = await untilCondition(kube, at, { status: 'False', reason }, 45_000);
  const [ready, second] = status?.conditions ?? [];
  const message = ready?.message ?? '';
  expect(message.slice(0, 7)).toBe(`${errorCatalogue[reason].code}: `);
  for (const word of words) expect(message).toContain(word);
  expect(JSON.stringify(status)).not.toContain(refusersText);
  expect(second?.type).toBe(isDefinite(reason) ? 'Stalled' : 'Reconciling');
  return message;
}

const untilSynced = (at: { readonly namespace: string; readonly name: string }) =>
  untilCondition(kube, at, { status: 'True', reason: 'Synced' }, 45_000);

async function createTeam(): Promise<Team> {
  const team = await stage.createTeam();
  await azure.putSecret(team.vault, 'password', { value: 'first' });
  return team;
}

const webhooks = 'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations';

const refusals: readonly Refusal[] = [
  {
    what: 'a policy refuses its Secret',
    reason: 'PolicyRefused',
    cause: (namespace) =>
      deny(kube, namespace, { operations: ['CREATE', 'UPDATE'], resources: ['secrets'] }),
    refused: secretIn,
    words: (namespace) => [
      'refused Secret app.',
      `kubectl describe validatingadmissionpolicy ${refuserOf(namespace)}`,
    ],
  },
  {
    what: 'a policy refuses the token of its ServiceAccount',
    reason: 'PolicyRefused',
    cause: (namespace) =>
      deny(kube, namespace, { operations: ['CREATE'], resources: ['serviceaccounts/token'] }),
    refused: tokenIn,
    words: (namespace) => ['refused a token of ServiceAccount app.', refuserOf(namespace)],
  },
  {
    what: 'a quota is full',
    reason: 'QuotaExceeded',
    cause: (namespace) => fillQuota(kube, namespace),
    refused: secretIn,
    words: (namespace) => [
      `Quota few of namespace ${namespace} leaves no room for Secret app.`,
      `kubectl describe resourcequota few --namespace ${namespace}`,
    ],
  },
  {
    what: 'a webhook does not answer',
    reason: 'WebhookUnavailable',
    cause: (namespace) => askWebhook(kube, namespace, { url: 'https://127.0.0.1:1/' }),
    refused: secretIn,
    words: (namespace) => [
      `${refuserOf(namespace)} of the cluster must allow Secret app`,
      webhooks,
    ],
  },
];

const ofMutations = await mutatingRefusals(kube);

const causeWebhook = async (namespace: string): Promise<Removal> => {
  const webhook = await startRefusingWebhook();
  onTestFinished(() => webhook.close());
  const { url, caBundle = '' } = webhook;
  return askWebhook(kube, namespace, { url, caBundle });
};
/** Where the API server cannot reach this process, no webhook of ours can refuse. */
const isReachable = testbed.container === undefined && kube.cluster.server.includes('127.0.0.1');
const webhookRefusals: readonly Refusal[] = isReachable
  ? [
      {
        what: 'a webhook refuses its Secret',
        reason: 'WebhookRefused',
        cause: causeWebhook,
        refused: secretIn,
        words: (namespace) => [
          `Admission webhook ${refuserOf(namespace)} of the cluster refused Secret app.`,
          webhooks,
        ],
      },
    ]
  : [];

describe('a VaultSecret says so, and syncs once that is mended, when', () => {
  test.each([...refusals, ...ofMutations, ...webhookRefusals])('$what', async (refusal) => {
    const { reason, cause, refused, words } = refusal;
    const team = await createTeam();
    const { namespace } = team;
    const remove = await cause(namespace);
    onTestFinished(async () => void (await remove()));
    await untilRefused(kube, refused(namespace));
    const at = { namespace, name: 'app' };

    await stage.createVaultSecret(team, 'app', { data });

    await explanationOf(at, reason, words(namespace));
    expect(await kube.find(secrets, at)).toBeUndefined();
    await remove();
    expect((await untilSynced(at)).status?.secretName).toBe('app');
  });

  test('the API server refuses what its spec makes of the Secret', async () => {
    const team = await createTeam();
    const at = { namespace: team.namespace, name: 'app' };
    const target = { annotations: { '-/x': 'a prefix that the schema lets pass' } };

    await stage.createVaultSecret(team, 'app', { data, target });

    await explanationOf(at, 'SecretRefused', [
      'refused Secret app (status 422, field metadata.annotations)',
      'Correct spec.target',
    ]);
    await kube.mergePatch(vaultSecrets, at, { spec: { target: null } });
    expect((await untilSynced(at)).status?.secretName).toBe('app');
  });

  test('its Secret was made immutable', async () => {
    const { team, at } = await createSynced(world);
    await kube.mergePatch(secrets, at, { immutable: true });
    await azure.putSecret(team.vault, 'password', { value: 'second' });
    await askForRefresh(kube, at);

    await explanationOf(at, 'SecretImmutable', [
      `kubectl delete secret app --namespace ${at.namespace}`,
    ]);
    await kube.delete(secrets, at);
    await untilSynced(at);
    expect(textsOf(await kube.get(secrets, at))).toEqual({ PASSWORD: 'second' });
  });

  test('its Secret is held while it is deleted', async () => {
    const { at } = await createSynced(world);
    const finalizers = ['example.com/hold'];
    await kube.mergePatch(secrets, at, { metadata: { finalizers } });
    await kube.delete(secrets, at);
    // Until it is to be written, it is as good as before.
    const renamed = [{ dataKey: 'RENAMED', secret: { name: 'password' } }];
    await kube.mergePatch(vaultSecrets, at, { spec: { data: renamed } });

    await explanationOf(at, 'SecretTerminating', [
      `kubectl get secret app --namespace ${at.namespace} `,
    ]);
    await kube.mergePatch(secrets, at, { metadata: { finalizers: null } });
    await untilSynced(at);
    expect(textsOf(await kube.get(secrets, at))).toEqual({ RENAMED: 'first' });
  });

  test('it is to merge into a Secret that is all its own', async () => {
    const { at } = await createSynced(world);
    const policy = (creationPolicy: string) => ({ spec: { target: { creationPolicy } } });
    await kube.mergePatch(vaultSecrets, at, policy('Merge'));

    const message = await explanationOf(at, 'TargetIsOwn', ['Secret app is all of this']);

    expect(message).toContain('Set spec.target.creationPolicy back');
    await kube.mergePatch(vaultSecrets, at, policy('Owner'));
    await untilSynced(at);
  });

  test('its namespace is held while it is deleted', async () => {
    const { at } = await createSynced(world);
    const { namespace } = at;
    const held = ['vaultsecrets', 'serviceaccounts'];
    const remove = await deny(kube, namespace, { operations: ['DELETE'], resources: held });
    onTestFinished(async () => void (await remove()));
    const path = `/apis/vaultsecret.dev/v1alpha1/namespaces/${namespace}/vaultsecrets/app`;
    await untilRefused(kube, { method: 'DELETE', path });
    await kube.delete(namespaces, { name: namespace });

    await explanationOf(at, 'NamespaceTerminating', [
      `Namespace ${namespace} is being deleted, so Secret app cannot be made in it.`,
      `kubectl describe namespace ${namespace}`,
    ]);
    await remove();
    const gone = await untilObject(kube, vaultSecrets, at, {
      what: 'the VaultSecret to go with its namespace',
      holds: (found) => found === undefined,
      timeoutMs: 45_000,
    });
    expect(gone).toBe(true);
  });
});

describe('a controller without rights in a namespace', () => {
  test('says which, and works once they are given', async () => {
    await controller.end('SIGTERM');
    const limited = await createLimitedUser(world);
    onTestFinished(() => limited.remove());
    const [team, other, merging] = [await createTeam(), await createTeam(), await createTeam()];
    await limited.give(team.namespace, 'serviceaccounts/token');
    await limited.give(merging.namespace, 'serviceaccounts/token', 'secrets');
    const here = { namespace: team.namespace, name: 'app' };
    const there = { namespace: other.namespace, name: 'app' };
    const within = { namespace: merging.namespace, name: 'app' };
    const metadata = { ...within, labels: { [managedLabel]: 'true' } };
    await kube.create(secrets, { metadata, stringData: { THEIRS: 'theirs' } });
    const started = await world.startController({ args: [`--kubeconfig=${limited.kubeconfig}`] });
    await started.untilReady();

    await stage.createVaultSecret(team, 'app', { data });
    await stage.createVaultSecret(other, 'app', { data });
    const target = { creationPolicy: 'Merge' } as const;
    await stage.createVaultSecret(merging, 'app', { data, target });

    await explanationOf(within, 'FinalizerForbidden', [
      `kubectl auth can-i patch vaultsecrets.vaultsecret.dev --namespace ${within.namespace} --as ${limited.user}`,
    ]);
    await explanationOf(here, 'SecretWriteForbidden', [
      `lacks the right to patch Secret app in namespace ${here.namespace}`,
      `kubectl auth can-i patch secrets --namespace ${here.namespace} --as ${limited.user}`,
    ]);
    await explanationOf(there, 'TokenRequestForbidden', [
      `a token of ServiceAccount app in namespace ${there.namespace}`,
      `kubectl auth can-i create serviceaccounts --subresource token --namespace ${there.namespace} --as ${limited.user}`,
    ]);
    await limited.give(here.namespace, 'serviceaccounts/token', 'secrets');
    await limited.give(there.namespace, 'serviceaccounts/token', 'secrets');
    expect((await untilSynced(here)).status?.secretName).toBe('app');
    expect((await untilSynced(there)).status?.secretName).toBe('app');
    await started.end('SIGTERM');
  });
});
