import { afterAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { untilCondition } from '../../testbed/expectations.ts';
import { clusterVaultConnections, secrets, vaultSecrets } from '../../testbed/kubeResources.ts';
import { openWorld } from '../../testbed/world.ts';
import { brokenApplications } from './brokenApplications.ts';
import { brokenIdentities } from './brokenIdentities.ts';
import type { BrokenSetup } from './brokenSetup.ts';
import { brokenVaults } from './brokenVaults.ts';
import { createPatient, examine, runDoctor, type Patient, type Report } from './patient.ts';
import { carryOut } from './treatment.ts';

const world = openWorld(inject('testbed'));
afterAll(() => world.close());

const seed = Number(process.env['SEED'] ?? 20_261_125) % 10_000;
const setups = [...brokenIdentities, ...brokenApplications, ...brokenVaults].map(
  (setup, index) => [setup.what, setup, seed + index] as const,
);

function answersOf({ answers = {} }: BrokenSetup, patient: Patient): Record<string, string> {
  const known = Object.entries(answers).map(([question, answer]) => [
    question,
    answer === 'anything' ? 'anything' : String(patient[answer]),
  ]);
  return Object.fromEntries(known);
}

/** Step and reason of whatever failed. */
function failures({ steps }: Report): readonly (readonly [string, string | undefined])[] {
  return steps.flatMap(({ step, status, problem }) =>
    status === 'failed' ? [[step, problem?.reason] as const] : [],
  );
}

const wholeWalk = [
  'vaultSecret',
  'connection',
  'serviceAccount',
  'identity',
  'mechanism',
  'tokenRequest',
  'vaultHost',
  'challenge',
  'clock',
  'exchange',
  'token',
  'permission',
  'object',
];

describe(`the doctor, with names from seed ${seed}`, () => {
  test('finds nothing wrong with what is whole', async () => {
    const patient = await createPatient(world, seed - 1);

    const report = await examine(world, patient);

    expect(report).toMatchObject({ exitCode: 0, passed: true });
    expect(report.steps.map(({ step, status }) => [step, status])).toEqual([
      ...wholeWalk.map((step) => [step, 'passed']),
      ['controller', 'notReached'],
    ]);
    const { output } = await runDoctor(world, patient, []);
    expect(output).toContain(`VaultSecret ${patient.namespace}/${patient.name}\n  passed `);
    expect(output).not.toContain('To fix it');
  });

  test('repeats what the controller met when it wrote, which no other step meets', async () => {
    const patient = await createPatient(world, seed - 3);
    const at = { namespace: patient.namespace, name: patient.name };
    await world.kube.create(secrets, { metadata: at, stringData: { THEIRS: 'theirs' } });
    const controller = await world.startController();
    onTestFinished(async () => void (await controller.end('SIGTERM')));
    await untilCondition(world.kube, at, { status: 'False', reason: 'TargetOwnedByOther' });

    const report = await examine(world, patient);

    expect(failures(report)).toEqual([['controller', 'TargetOwnedByOther']]);
    expect(report).toMatchObject({ exitCode: 1, fix: { step: 'controller' } });
    expect(report.steps.at(-1)?.problem?.code).toBe('VS401');
  });

  test('takes the word of the controller for an identity that is lent', async () => {
    const patient = await createPatient(world, seed - 2);
    const { namespace, name, vaultUrl } = patient;
    const connection = `lends-${namespace}`;
    await world.kube.create(clusterVaultConnections, {
      metadata: { name: connection },
      spec: {
        vaultUrl,
        allowedNamespaces: { names: [namespace] },
        lend: { identity: { kind: 'ControllerWorkloadIdentity' }, objectPatterns: ['*'] },
      },
    });
    onTestFinished(() => world.kube.delete(clusterVaultConnections, { name: connection }));
    const vaultConnectionRef = { kind: 'ClusterVaultConnection', name: connection };
    const spec = { vaultUrl: null, serviceAccountName: null, vaultConnectionRef };
    await world.kube.mergePatch(vaultSecrets, { namespace, name }, { spec });

    const report = await examine(world, patient);

    expect(failures(report)).toEqual([['lentIdentity', 'ControllerSilent']]);
    expect(report.exitCode).toBe(1);
  });

  test.concurrent.each(setups)(
    '%s: names it, and what it prints mends it',
    async (_what, setup, ownSeed) => {
      const patient = await createPatient(world, ownSeed);
      await setup.cause(world, patient);

      const report = await examine(world, patient);

      const { step, reason, later = {} } = setup;
      expect(failures(report)).toEqual([[step, reason], ...Object.entries(later)]);
      expect(report).toMatchObject({ exitCode: 1, passed: false, fix: { step } });
      await carryOut(world, patient, { fix: report.fix, answers: answersOf(setup, patient) });
      const cured = await examine(world, patient);
      expect(failures(cured)).toEqual([]);
      expect(cured.exitCode).toBe(0);
      await patient.leave?.();
    },
  );
});
