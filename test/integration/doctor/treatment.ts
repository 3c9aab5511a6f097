import { runAz } from '../../support/remedies/azureCli.ts';
import { runKubectl } from '../../support/remedies/kubectl.ts';
import { runShell } from '../../support/remedies/shell.ts';
import type { World } from '../../testbed/world.ts';
import type { Patient, Report } from './patient.ts';

/** What a command leaves open, by its own words, and what its reader would know. */
export type Answers = Readonly<Record<string, string>>;

/** Runs the printed commands as they stand: the first, and the next only where it finds nothing to do. */
export async function carryOut(
  world: World,
  patient: Patient,
  { fix, answers }: { readonly fix: Report['fix']; readonly answers: Answers },
): Promise<void> {
  const refusals: unknown[] = [];
  for (const command of fix?.commands ?? []) {
    try {
      await runShell(answered(command, answers), (words) => run(world, patient, words));
      return;
    } catch (refusal) {
      refusals.push(refusal);
    }
  }
  throw new AggregateError(refusals, 'no printed command could be carried out');
}

function answered(command: string, answers: Answers): string {
  return command.replace(/<([^>]+)>/g, (_, question: string) => {
    const answer = answers[question];
    if (answer === undefined) throw new Error(`nobody knows the answer to <${question}>`);
    return answer;
  });
}

async function run(
  { azure, kube }: World,
  patient: Patient,
  [program, ...words]: readonly string[],
): Promise<string> {
  if (program === 'az') return runAz(azure, words);
  if (program === 'kubectl') return runKubectl(kube, words);
  if (program === 'date') return `${new Date(Date.now() - 1_000).toISOString().slice(0, 19)}Z\n`;
  if (program !== 'sudo' || words.join(' ') !== 'timedatectl set-ntp true')
    throw new Error(`there is no ${program} ${words.join(' ')}`);
  patient.clockOffMs = 0;
  return '';
}
