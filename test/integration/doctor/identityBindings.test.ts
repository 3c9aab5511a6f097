import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, inject, onTestFinished, test } from 'vitest';
import { cachedBinary } from '../../testbed/binaries/binaryCache.ts';
import { kubeObjects } from '../../testbed/kubeResources.ts';
import { openWorld } from '../../testbed/world.ts';
import { createLimitedUser } from '../limitedUser.ts';
import { outcomeOf } from '../program.ts';
import { createPatient, examine, type Patient, type Report } from './patient.ts';

const testbed = inject('testbed');
const world = openWorld(testbed);
const { kube } = world;
afterAll(() => world.close());

const boundWalk = [
  'vaultSecret',
  'connection',
  'serviceAccount',
  'identity',
  'mechanism',
  'tokenRequest',
  'vaultHost',
  'challenge',
  'clock',
  'identityBinding',
  'controller',
];
const unheard = ['controller', 'notReached', expect.stringContaining('has not looked at it yet')];
const patientOf = (seed: number): Promise<Patient> => createPatient(world, 8_300 + seed);

/** Step and reason, or what it says, of all that did not just pass. */
function told({ steps }: Report, ...also: readonly string[]) {
  return steps
    .filter(({ step, status }) => status !== 'passed' || also.includes(step))
    .map(({ step, status, detail, problem }) => [step, status, problem?.reason ?? detail]);
}

/** A real shell and kubectl; of the Azure CLI only what it answers. */
async function runScript(script: string, clientId: string): Promise<void> {
  const kubectl = await cachedBinary('kubectl', console.error);
  const az = `az() { case "$*" in *clientId*) echo '${clientId}';; esac; }\n`;
  // kubectl keeps what it has learnt of the API server in its home.
  const home = await mkdtemp(join(tmpdir(), 'vaultsecret-kubectl-'));
  onTestFinished(() => rm(home, { recursive: true }));
  const path = `${dirname(kubectl)}:/usr/bin:/bin`;
  const env = { PATH: path, HOME: home, KUBECONFIG: testbed.kubeconfig };
  await promisify(execFile)('/bin/sh', ['-euc', az + script], { env });
}

/** As a controller writes it. */
async function writeStatus({ namespace, name }: Patient, status: object): Promise<void> {
  await kube.send({
    method: 'PATCH',
    path: `/apis/vaultsecret.dev/v1alpha1/namespaces/${namespace}/vaultsecrets/${name}/status`,
    contentType: 'application/merge-patch+json',
    body: { status },
  });
}

const readyIs = (status: string, reason: string, message: string) => ({
  conditions: [
    { type: 'Ready', status, reason, message, lastTransitionTime: '2026-11-25T00:00:00Z' },
  ],
});

/** One of the chart, that nobody runs. */
async function installController(namespace: string, ...args: string[]): Promise<void> {
  const labels = { 'app.kubernetes.io/name': `vaultsecret-${namespace}` };
  const manifest = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace, name: 'vaultsecret', labels },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [{ name: 'controller', image: 'vaultsecret', args: ['run', ...args] }],
        },
      },
    },
  };
  await kube.apply(kubeObjects(manifest), manifest);
}

test('with identity bindings the doctor looks at RBAC, and ends with the word of the controller', async () => {
  const patient = await patientOf(1);
  const flags = ['--identity-bindings'];

  const report = await examine(world, patient, flags);

  expect(report.steps.map(({ step }) => step)).toEqual(boundWalk);
  expect(told(report, 'mechanism')).toEqual([
    ['mechanism', 'passed', 'identity bindings of AKS, by --identity-bindings'],
    ['identityBinding', 'failed', 'IdentityBindingMissing'],
    ['controller', 'failed', 'ControllerSilent'],
  ]);
  const problem = report.steps.find(({ step }) => step === 'identityBinding')?.problem;
  expect(problem).toMatchObject({
    code: 'VS123',
    message: `RBAC does not let ServiceAccount ${patient.serviceAccountName} of namespace ${patient.namespace} use client ${patient.clientId}.`,
  });

  await runScript(report.fix?.commands[0] ?? '', patient.clientId);
  await writeStatus(patient, readyIs('True', 'Synced', 'whole'));

  const cured = await examine(world, patient, flags);
  expect(told(cured)).toEqual([]);
  expect(cured.exitCode).toBe(0);
});

test('what setup prints for an identity binding gives the ServiceAccount the right to use it', async () => {
  const patient = await patientOf(2);
  const { namespace, name, clientId } = patient;
  await installController(namespace, '--identity-bindings');
  await writeStatus(patient, { controller: `${namespace}/vaultsecret` });

  const { output, errors } = await outcomeOf(testbed, [
    'setup',
    name,
    `--namespace=${namespace}`,
    '--resource-group=shop',
    '--identity-name=shop',
    '--aks=aks',
    `--kubeconfig=${testbed.kubeconfig}`,
  ]);
  expect(errors).toBe('');
  await runScript(output, clientId);

  const report = await examine(world, patient);
  const deployment = `Deployment ${namespace}/vaultsecret`;
  expect(told(report, 'mechanism', 'identityBinding')).toEqual([
    ['mechanism', 'passed', `identity bindings of AKS, by ${deployment}`],
    ['identityBinding', 'passed', expect.stringContaining(`use client ${clientId}`)],
    ['controller', 'failed', 'ControllerSilent'],
  ]);
});

test('a controller that reads by federated credentials is walked through to the objects', async () => {
  const patient = await patientOf(3);
  await installController(patient.namespace, '--cloud=AzurePublic');
  await writeStatus(patient, { controller: `${patient.namespace}/vaultsecret` });

  const report = await examine(world, patient);

  expect(told(report, 'mechanism', 'exchange').map(([step, status]) => [step, status])).toEqual([
    ['mechanism', 'passed'],
    ['exchange', 'passed'],
    ['controller', 'notReached'],
  ]);
  expect(told(report, 'mechanism')).toEqual([
    [
      'mechanism',
      'passed',
      `federated credentials, by Deployment ${patient.namespace}/vaultsecret`,
    ],
    unheard,
  ]);
});

test('the tenant that the controller takes by default is the one that is looked at', async () => {
  const patient = await patientOf(5);
  patient.tenantFlags = [];
  const { namespace } = patient;
  await writeStatus(patient, { controller: `${namespace}/vaultsecret` });
  const { tenantId } = testbed.azure;
  const toldWith = async (tenant: string) => {
    await installController(namespace, `--azure-tenant-id=${tenant}`);
    return told(await examine(world, patient), 'identity');
  };

  expect(await toldWith(tenantId)).toEqual([
    [
      'identity',
      'passed',
      `client ${patient.clientId} in tenant ${tenantId}, the default of Deployment ${namespace}/vaultsecret`,
    ],
    unheard,
  ]);
  expect(await toldWith('00000000-0000-4000-8000-00000000000c')).toContainEqual([
    'challenge',
    'failed',
    'VaultInOtherTenant',
  ]);
});

test('whoever may see neither is told what was not looked at, and what the controller says', async () => {
  const patient = await patientOf(4);
  const limited = await createLimitedUser(world);
  await limited.give(patient.namespace, 'serviceaccounts/token');
  patient.kubeconfig = limited.kubeconfig;
  await installController(patient.namespace, '--identity-bindings');
  const message = 'VS123: The proxy does not let it.';
  await writeStatus(patient, {
    controller: `${patient.namespace}/vaultsecret`,
    ...readyIs('False', 'IdentityBindingMissing', message),
  });

  const unaware = await examine(world, patient);
  const aware = await examine(world, patient, ['--identity-bindings']);

  expect(told(unaware, 'mechanism')[0]).toEqual([
    'mechanism',
    'passed',
    expect.stringContaining('you see no Deployment of the controller; --identity-bindings'),
  ]);
  expect(told(aware)).toEqual([
    ['identityBinding', 'notReached', expect.stringContaining('SubjectAccessReview')],
    ['controller', 'failed', 'IdentityBindingMissing'],
  ]);
  expect(aware.fix?.commands).toEqual([
    `kubectl annotate --overwrite vaultsecret ${patient.name} --namespace ${patient.namespace} vaultsecret.dev/refresh="$(date +%s)"`,
  ]);
  expect(JSON.stringify(aware)).toContain(message);
  await limited.remove();
});
