import type { Diagnosis, Fix } from './diagnose.ts';
import { stepTitles, type Step } from './walk.ts';

/** A stable shape: keys are added, never changed. */
export function asJson(diagnoses: readonly Diagnosis[]): string {
  const passed = diagnoses.every((diagnosis) => diagnosis.passed);
  return `${JSON.stringify({ passed, vaultSecrets: diagnoses }, undefined, 2)}\n`;
}

export function asTable(diagnoses: readonly Diagnosis[]): string {
  if (diagnoses.length === 0)
    return 'There is no VaultSecret here; -n NAMESPACE and -A look elsewhere.\n';
  const failed = diagnoses.filter(({ passed }) => !passed).length;
  const count = `${diagnoses.length} VaultSecrets: ${diagnoses.length - failed} passed, ${failed} failed\n`;
  return [...diagnoses.map(block), ...(diagnoses.length === 1 ? [] : [count])].join('\n');
}

const marks = { passed: 'passed', failed: 'FAILED', notReached: 'not reached' } as const;
const markWidth = Math.max(...Object.values(marks).map(({ length }) => length));
const titleWidth = Math.max(...Object.values(stepTitles).map(({ length }) => length));

function block({ namespace, name, passed, steps, fix }: Diagnosis): string {
  const lines = [`VaultSecret ${namespace}/${name}`, ...steps.map(line)];
  if (passed) return `${lines.join('\n')}\n`;
  const failed = steps.find(({ status }) => status === 'failed');
  const [command, ...others] = fix?.commands ?? [];
  return [
    ...lines,
    '',
    `${failed?.problem?.remedy}`,
    ...(command === undefined ? [] : [purposeOf(fix), `  ${command}`]),
    ...others.map((other) => `or, where that finds nothing to do:\n  ${other}`),
    '',
  ].join('\n');
}

/** What passes without a change needs no fix. */
function purposeOf({ actor }: Pick<Fix, 'actor'> = { actor: 'nobody' }): string {
  return actor === 'nobody' ? 'To look closer:' : `To fix it (${actor}):`;
}

function line({ step, object, status, detail, problem }: Step): string {
  const title = object === undefined ? stepTitles[step] : `${stepTitles[step]} ${object}`;
  const code = problem?.code ?? problem?.reason;
  const said = problem === undefined ? (detail ?? '') : `${code}: ${problem.message}`;
  return `  ${marks[status].padEnd(markWidth)}  ${title.padEnd(titleWidth)}  ${said}`.trimEnd();
}
