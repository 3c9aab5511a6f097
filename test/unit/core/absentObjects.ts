import type { VaultSecretSpec } from '../../../src/api/vaultSecret.ts';
import { ReconcileError } from '../../../src/core/errors/errors.ts';
import { objectDetails } from '../../../src/core/source/keyVaultSecret.ts';
import type { Observed } from '../../../src/core/observed/observed.ts';
import {
  afterwards,
  aKeyVaultSecret,
  aMemory,
  aSpec,
  aSynced,
  aVaultSecret,
  decide,
  now,
  type Vault,
} from './builders.ts';

export type Policy = NonNullable<NonNullable<VaultSecretSpec['target']>['deletionPolicy']>;

const a = aKeyVaultSecret({ name: 'a' });
const b = aKeyVaultSecret({ name: 'b' });
export const both: Vault = { a, b };
export const data = [
  { dataKey: 'A', secret: { name: 'a' } },
  { dataKey: 'B', secret: { name: 'b' } },
];
export const missing = (name: string) =>
  new ReconcileError('KeyVaultSecretNotFound', {
    details: objectDetails(aSpec().vaultUrl ?? '', { name }),
  });
export const withoutB: Vault = { a, b: missing('b') };
export const empty: Vault = { a: missing('a'), b: missing('b') };

/** Synced an hour ago from `a` and `b`, and due for a refresh. */
export function aPair(deletionPolicy: Policy, spec: Partial<VaultSecretSpec> = {}): Observed {
  const vaultSecret = aVaultSecret({ spec: { data, target: { deletionPolicy }, ...spec } });
  return { ...aSynced(vaultSecret, both), memory: aMemory({ refreshAt: now }) };
}

/** As often as the controller looks while an object is missing. */
const lookMs = 45_000;

/**
 * What the vault answers from these times after the first look on, looked at then and often in between; answers the
 * last plan and what was before it.
 */
export function looks(start: Observed, ...answers: readonly (readonly [fromMs: number, Vault])[]) {
  let before = start;
  let plan = decide(start, answers[0]?.[1]);
  const look = (afterMs: number, vault: Vault | undefined): void => {
    before = { ...afterwards(before, plan), now: now + afterMs };
    plan = decide({ ...before, memory: { ...before.memory, refreshAt: 0 } }, vault);
  };
  let vaultBefore = answers[0]?.[1];
  for (const [fromMs, vault] of answers.slice(1)) {
    for (let ms = before.now - now + lookMs; ms < fromMs; ms += lookMs) look(ms, vaultBefore);
    look(fromMs, vault);
    vaultBefore = vault;
  }
  return { before, plan, after: afterwards(before, plan) };
}

export const keysOf = ({ target }: Observed) => target?.managers[0]?.dataKeys;
