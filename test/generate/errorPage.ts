import type { Condition } from '../../src/api/condition.ts';
import type { CatalogueEntry, RetryClass } from '../../src/core/errors/catalogueEntry.ts';
import { errorCatalogue, type ErrorReason } from '../../src/core/errors/errorCatalogue.ts';
import { remedyOf, type ReconcileError } from '../../src/core/errors/errors.ts';
import { failed } from '../../src/core/plan/plan.ts';
import { anObserved, diagnosed } from '../unit/core/builders.ts';
import { anError } from '../unit/core/someErrors.ts';
import { errorMeanings } from './errorMeanings.ts';
import { errorIndex } from './tables.ts';

const families: readonly (readonly [prefix: string, title: string])[] = [
  ['VS10', 'The spec'],
  ['VS11', 'The ServiceAccount'],
  ['VS12', 'Its token'],
  ['VS13', 'Connections and lending'],
  ['VS14', 'Managed identities of the host'],
  ['VS15', 'Stored credentials'],
  ['VS16', 'The host of a command'],
  ['VS2', 'Microsoft Entra ID'],
  ['VS3', 'Key Vault'],
  ['VS4', 'The Secret'],
  ['VS5', 'The way to Azure'],
  ['VS6', 'The cluster'],
  ['VS9', 'Everything else'],
];

const next: Readonly<Record<RetryClass, string>> = {
  awaitChange: 'at once when something is changed in the cluster that it names; not before.',
  pollChange:
    'after about a second, then after pauses that double up to five minutes, or up to `refreshInterval` where that is shorter; at once when the VaultSecret is edited or a refresh is asked for.',
  pollVault:
    'after about a second, then after pauses that double up to `refreshInterval`; at once when the VaultSecret is edited or a refresh is asked for.',
  awaitRefresh:
    'with the next refresh; at once when the VaultSecret is edited, the Secret is changed or a refresh is asked for.',
  backoff:
    'after about a second, then after pauses that double up to five minutes. A VaultSecret that was in sync shows it only when the Secret is missing, was changed or must change, when twice its `refreshInterval` has passed, or beside `Ready: True` while a refresh is asked for.',
  throttled:
    'when the service says, else after pauses that double. A VaultSecret that was in sync shows it only when the Secret is missing, was changed or must change, when twice its `refreshInterval` has passed, or beside `Ready: True` while a refresh is asked for.',
};

/** Every error as whoever meets it sees it. */
export function errorPage(): string {
  const entries = Object.entries(errorCatalogue) as [ErrorReason, CatalogueEntry][];
  const sections = families.flatMap(([prefix, title]) => [
    `## ${title}`,
    ...entries
      .filter(([, { code }]) => code.startsWith(prefix))
      .toSorted(([, left], [, right]) => (left.code < right.code ? -1 : 1))
      .map(([reason, entry]) => sectionOf(reason, entry)),
  ]);
  return `${[introduction, errorIndex(), ...sections].join('\n\n')}\n`;
}

const introduction = `# Errors

<!-- Generated from src/core by \`npm run generate\`. -->

A VaultSecret that cannot be made true says so in its condition \`Ready\`: a reason, and a message of
code, what happened, and what helps. A second condition tells whether somebody must act (\`Stalled\`)
or it may pass by itself (\`Reconciling\`). Where somebody must act, an event says the same once. A Secret
that was written before stays as it is.

The messages below are those of a VaultSecret \`shop\` in a namespace \`shop\`. What stands in angle
brackets only you can know; words in *italics* in this list are filled in.`;

function sectionOf(reason: ErrorReason, { code, actor, retry }: CatalogueEntry): string {
  const error = anError(reason);
  const observed = anObserved();
  const [ready, second] = failed(observed, diagnosed(observed), error).status.conditions ?? [];
  if (ready === undefined || second === undefined) throw new Error(`${reason} is not shown`);
  return [
    `### ${code} ${reason}`,
    errorMeanings[reason],
    fence('console', [`$ ${describe}`, ...described(ready)]),
    `What helps: ${remedyText(error)}`,
    [
      `- Who acts: ${actor === 'nobody' ? 'nobody, it passes by itself' : `the ${actor}`}.`,
      `- Said also by the condition: \`${second.type}\`.`,
      `- Tried again: ${next[retry]}`,
    ].join('\n'),
  ].join('\n\n');
}

const describe = 'kubectl describe vaultsecret shop --namespace shop';

/** As kubectl 1.32 prints a condition: fields by name, values in one column. */
function described(condition: Condition): string[] {
  const fields: readonly (readonly [string, string | number])[] = [
    ['Last Transition Time', condition.lastTransitionTime],
    ['Message', condition.message],
    ['Observed Generation', condition.observedGeneration ?? 1],
    ['Reason', condition.reason],
    ['Status', condition.status],
    ['Type', condition.type],
  ];
  const lines = fields.map(([name, value]) => `    ${`${name}:`.padEnd(23)}${value}`);
  return ['…', 'Status:', '  Conditions:', ...lines, '…'];
}

const command =
  /(?<=^|: |; |or |run |with )((?:az|kubectl|curl|openssl) .+?)(?=; |[.] [A-Z]|, where | prints | lists | describes |$)/g;

/** With what is to be copied as code. Angle brackets would be taken for HTML elsewhere. */
function remedyText(error: ReconcileError): string {
  const parts = remedyOf(error).split(command);
  return parts
    .map((part, index) =>
      index % 2 === 1 ? `\`${part}\`` : part.replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    )
    .join('');
}

function fence(language: string, lines: readonly string[]): string {
  return ['```' + language, ...lines, '```'].join('\n');
}
