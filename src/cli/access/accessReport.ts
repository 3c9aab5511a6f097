import type { AccessReview } from './review.ts';
import { remedyOf } from '../../core/errors/errors.ts';
import type { MissingList } from '../../kube/collections.ts';
import { installCrdsCommand } from '../../kube/preflight.ts';

export interface AccessReport extends AccessReview {
  readonly missing: readonly MissingList[];
}

type Reached = AccessReport['reaches'][number];

/** For scripts: all that is known, and what is not. */
export function accessJson({ reaches, refused, undecided, missing }: AccessReport): string {
  const report = {
    complete: missing.length === 0,
    missing: missing.map((one) => ({ ...one, problem: problemOf(one), remedy: remedyFor(one) })),
    access: reaches,
    refused: refused.map(({ error, ...vaultSecret }) => ({
      ...vaultSecret,
      code: error.entry.code,
      reason: error.reason,
      message: error.message,
      remedy: remedyOf(error),
    })),
    undecided,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

const header = ['NAMESPACE', 'THROUGH', 'IDENTITY', 'TENANT', 'VAULT', 'OBJECTS'];

/** A line for each way, and below it a line for each VaultSecret that takes it. */
export function accessTable({ reaches, refused, undecided }: AccessReport): string {
  const rows = reaches.flatMap((reach) => [rowOf(reach), ...reach.reads.map(readRow)]);
  const idle = [
    ...refused.map(({ namespace, vaultSecret, error }) => [
      namespace,
      `VaultSecret/${vaultSecret}`,
      `nobody: ${error.entry.code} ${error.reason}`,
    ]),
    ...undecided.map(({ namespace, vaultSecret }) => [
      namespace,
      `VaultSecret/${vaultSecret}`,
      'unknown',
    ]),
  ];
  if (rows.length + idle.length === 0) return 'Nobody reads anything through vaultsecret.\n';
  return aligned([header, ...rows, ...idle]);
}

function rowOf(reach: Reached): readonly string[] {
  const { namespace, through, tenantId, vaultUrl, objects, except, grantedByLabel } = reach;
  return [
    namespace,
    `${through.kind}/${through.name}${grantedByLabel ? ' (by label)' : ''}`,
    identityOf(reach),
    tenantId ?? '',
    hostOf(vaultUrl) ?? 'any',
    [objects.join(','), ...except.map((pattern) => `not ${pattern}`)].join(' '),
  ];
}

function identityOf({ identity, credentialSecret }: Reached): string {
  if (identity === undefined) return 'of the ServiceAccount';
  return credentialSecret === undefined ? identity : `${identity} by Secret/${credentialSecret}`;
}

function readRow({ vaultSecret, vaultUrl, objects, secret }: Reached['reads'][number]) {
  const reader = `  VaultSecret/${vaultSecret} > Secret/${secret}`;
  return ['', reader, '', '', hostOf(vaultUrl) ?? '', objects.join(',')];
}

function hostOf(vaultUrl: string | undefined): string | undefined {
  return vaultUrl === undefined || vaultUrl === '' ? undefined : new URL(vaultUrl).hostname;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = header.map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd();
  return `${rows.map(line).join('\n')}\n`;
}

/** For people, beside the answer: why it is not whole, or who is behind a row. */
export function accessNotes({ missing }: AccessReport): string {
  if (missing.length === 0) return '';
  const lines = missing.map((one) => `  ${problemOf(one)}. ${remedyFor(one)}`);
  return `INCOMPLETE: this is not all of it.\n${lines.join('\n')}\n`;
}

function problemOf({ resource, namespace, cause }: MissingList): string {
  const where = namespace === undefined ? 'of the whole cluster' : `in namespace ${namespace}`;
  return {
    Forbidden: `You may not list the ${resource} ${where}`,
    Refused: `The API server, or a proxy before it, refused to list the ${resource} ${where} (status 403) and named no missing right`,
    NotServed: `The API server knows no ${resource}`,
  }[cause];
}

function remedyFor({ resource, namespace, cause }: MissingList): string {
  if (cause === 'NotServed') return `Install the CRDs: ${installCrdsCommand}`;
  if (cause === 'Refused') return 'The audit log of the API server has the reason';
  const scope = namespace === undefined ? '--all-namespaces' : `--namespace ${namespace}`;
  return `Ask for that right; then this says yes: kubectl auth can-i list ${resource} ${scope}`;
}
