import type { FieldManager, ObservedSecret } from '../observed/observed.ts';

/**
 * Applies of stringData that our record does not name yet. Such an apply changes values without owning them.
 * Our write overrules it, but its entry in managedFields outlives that, often with the same second as ours:
 * the record of the write names it, so that it counts only once. Seen on kube-apiserver 1.36.3.
 */
export function freshStringData(
  { managers }: ObservedSecret,
  overruled: readonly string[] = [],
): readonly FieldManager[] {
  return managers.filter(
    (manager) => manager.stringDataKeys.length > 0 && !overruled.includes(nameOf(manager)),
  );
}

/** What the record of a write that overrules them says. */
export function overruledBy({ managers }: ObservedSecret): readonly string[] {
  return managers.filter(({ stringDataKeys }) => stringDataKeys.length > 0).map(nameOf);
}

function nameOf({ name, time }: FieldManager): string {
  return `${name} ${time}`;
}
