import { fieldManagerOf, mergeFinalizer } from '../../../src/api/meta.ts';
import type {
  FieldManager,
  Observed,
  ObservedSecret,
} from '../../../src/core/observed/observed.ts';
import {
  afterwards,
  aMemory,
  anObserved,
  anObservedSecret,
  aVaultSecret,
  decide,
  now,
  targetOf,
  writtenTime,
} from './builders.ts';

const finalizers = [mergeFinalizer];
export const merge = { target: { creationPolicy: 'Merge' as const } };
export const vaultSecret = aVaultSecret({ spec: merge });
/** Somebody's Secret, which they let us write. */
export const theirs = anObservedSecret({ managed: true });
export const first = anObserved({ vaultSecret, target: theirs });

/** The keys are merged, an hour ago. */
export const synced: Observed = (() => {
  const after = afterwards(first, decide({ ...first, now: Date.parse(writtenTime) }));
  return { ...after, now, memory: aMemory(), vaultSecret: { ...after.vaultSecret, finalizers } };
})();

export const merged = targetOf(synced);
export const withTarget = (fields: Partial<ObservedSecret>): Observed => ({
  ...synced,
  target: { ...merged, resourceVersion: '101', ...fields },
});
export const ours = (fields: Partial<FieldManager>): readonly FieldManager[] =>
  merged.managers.map((manager) =>
    manager.name === fieldManagerOf('uid-1') ? { ...manager, ...fields } : manager,
  );
export const withdrawal = (dataKeys: readonly string[] = ['DB_PASSWORD']) => ({
  kind: 'withdraw',
  name: 'shop',
  fence: { kind: 'exactly', uid: 'secret-uid', resourceVersion: '100' },
  part: { uid: 'uid-1', dataKeys },
});
