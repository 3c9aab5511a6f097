import { describe, expect, test } from 'vitest';
import type { Condition } from '../../../../src/api/condition.ts';
import { diagnose } from '../../../../src/cli/doctor/diagnose.ts';
import { doctorCommand } from '../../../../src/cli/doctor/doctor.ts';
import { dispatch } from '../../../../src/cli/dispatch.ts';
import { errorCatalogue, type ErrorReason } from '../../../../src/core/errors/errorCatalogue.ts';
import { explain, ReconcileError, remedyOf } from '../../../../src/core/errors/errors.ts';
import { aVaultSecret } from '../../core/builders.ts';
import { anError } from '../../core/someErrors.ts';
import { healthyTools } from './healthyTools.ts';

const at = { namespace: 'shop', name: 'shop' };
const reasons = Object.keys(errorCatalogue).filter(
  (reason): reason is ErrorReason => reason in errorCatalogue,
);
const refresh =
  'kubectl annotate --overwrite vaultsecret shop --namespace shop vaultsecret.dev/refresh="$(date +%s)"';

interface Said extends Partial<Condition> {
  readonly generation?: number;
}

function toolsAfter({ generation = 1, ...fields }: Said) {
  const ready = {
    type: 'Ready',
    status: 'False',
    reason: 'SecretImmutable',
    message: 'text',
    lastTransitionTime: '2026-11-25T11:00:00Z',
    observedGeneration: 1,
    ...fields,
  } as const;
  return healthyTools(aVaultSecret({ generation, status: { conditions: [ready] } }));
}

/** The rest of the walk has passed. */
async function wordAfter(said: Said) {
  const { steps, passed, fix } = await diagnose(toolsAfter(said), at);
  expect(steps.slice(0, -1).filter(({ status }) => status !== 'passed')).toEqual([]);
  return { word: steps.at(-1), passed, fix };
}

describe('the doctor, when each object can be read, and the controller', () => {
  test.each(reasons)('said %s, fails with that code and its remedy', async (reason) => {
    const error = anError(reason);

    const { word, passed, fix } = await wordAfter({ reason, message: explain(error) });

    expect(passed).toBe(false);
    expect(word).toMatchObject({
      step: 'controller',
      status: 'failed',
      problem: { code: error.entry.code, reason, actor: error.entry.actor },
    });
    expect(word?.problem?.message).toContain(error.message);
    expect(word?.problem?.remedy).toContain(remedyOf(error));
    expect(fix?.step).toBe('controller');
  });

  test.each<readonly [ErrorReason, readonly string[]]>([
    ['SecretImmutable', ['kubectl delete secret shop --namespace shop']],
    [
      'TargetOwnedByOther',
      [
        `kubectl patch vaultsecret shop --namespace shop --type merge --patch '{"spec":{"target":{"name":"<name of a new Secret>"}}}'`,
      ],
    ],
    ['SecretTooLarge', []],
    ['KeyVaultRoleMissing', [refresh]],
    ['AnswerTimedOut', [refresh]],
  ])('said %s, ends with the command that helps', async (reason, commands) => {
    const { fix } = await wordAfter({ reason, message: explain(anError(reason)) });

    expect(fix?.commands).toEqual(commands);
  });

  test('said what this walk did not meet, says so', async () => {
    const reason = 'KeyVaultRoleMissing';
    const { word } = await wordAfter({ reason, message: explain(anError(reason)) });

    expect(word?.problem?.message).toMatch(
      /^The controller met this at its last look, and this command did not: Client /,
    );
    expect(word?.problem?.remedy).toMatch(/^Have the controller look again[.] /);
  });

  test('spoke in the words of another version, repeats them', async () => {
    const { word, fix } = await wordAfter({ reason: 'New', message: 'VS999: All new. Run: x' });

    expect(word?.problem).toMatchObject({
      code: 'VS999',
      reason: 'New',
      message: 'All new. Run: x',
    });
    expect(fix?.commands).toEqual(['kubectl describe vaultsecret shop --namespace shop']);
  });

  test.each<readonly [string, Said, string]>([
    ['is content', { status: 'True', reason: 'Synced', message: 'held' }, 'Synced: held'],
    ['is suspended', { reason: 'Suspended', message: 'held' }, 'Suspended: held'],
  ])('%s, passes', async (_, said, detail) => {
    const { word, passed } = await wordAfter(said);

    expect(word).toEqual({ step: 'controller', status: 'passed', detail });
    expect(passed).toBe(true);
  });

  test.each(['True', 'False'] as const)(
    'said %s of an older generation, says of which and judges nothing',
    async (status) => {
      const { word, passed } = await wordAfter({ status, generation: 3, message: 'VS407: old' });

      expect(word).toEqual({
        step: 'controller',
        status: 'notReached',
        detail: 'SecretImmutable (of generation 1; the spec is at 3): VS407: old',
      });
      expect(passed).toBe(true);
    },
  );

  test('said nothing yet, says how to see whether one runs', async () => {
    const { steps, passed } = await diagnose(healthyTools(aVaultSecret()), at);

    expect(steps.at(-1)).toMatchObject({
      step: 'controller',
      status: 'notReached',
      detail: expect.stringContaining('kubectl get pods --all-namespaces'),
    });
    expect(passed).toBe(true);
  });
});

test('the exit code is 1 when only the controller has met a failure', async () => {
  const reason = 'SecretTooLarge';
  const tools = toolsAfter({ reason, message: explain(anError(reason)) });
  const command = doctorCommand(() => ({ tools, namespace: 'shop' }));

  const { output, exitCode } = await dispatch([command], ['doctor', 'shop'], AbortSignal.any([]));

  expect(exitCode).toBe(1);
  expect(output).toMatch(/FAILED +word of the controller +VS405: Secret shop would be too large/);
  expect(output).toContain('\nSplit spec.data over several VaultSecrets.\n');
});

test('a failure that the walk meets as well comes first', async () => {
  const error = anError('KeyVaultRoleMissing');
  const tools = toolsAfter({ reason: error.reason, message: explain(error) });
  const reader = { ...tools.reader, read: () => Promise.reject(error) };

  const { steps, fix } = await diagnose({ ...tools, reader }, at);

  expect(fix?.step).toBe('permission');
  expect(steps.at(-1)?.problem?.message).toBe(error.message);
  expect(error).toBeInstanceOf(ReconcileError);
});
