import { hash } from 'node:crypto';
import type { DataEntry } from '../../api/dataEntry.ts';
import type { VaultSecretSpec } from '../../api/vaultSecret.ts';
import { isMerging, isOwnerTarget, targetType } from '../observed/target.ts';
import { entryKey } from '../source/sourceRef.ts';

/** Raised when the same inputs would render to another Secret, so that an upgrade re-renders. */
const rendererVersion = 1;

/** Equal for equal render inputs: the vault and everything of the spec that shapes the Secret, in whatever order it is written. */
export function renderRevision(spec: VaultSecretSpec, vaultUrl: string | undefined): string {
  const { labels, annotations } = spec.target ?? {};
  const inputs = [
    rendererVersion,
    withoutSlash(vaultUrl),
    spec.data.map(inputsOf).toSorted(byFirst),
    targetType(spec),
    Object.entries(labels ?? {}).toSorted(byFirst),
    Object.entries(annotations ?? {}).toSorted(byFirst),
    isMerging(spec) ? 'Merge' : isOwnerTarget(spec),
  ];
  return shortHash(JSON.stringify(inputs));
}

function inputsOf(entry: DataEntry): readonly string[] {
  const { dataKey, secret, decode = '' } = entry;
  const { name, version = '' } = secret ?? { name: entryKey(entry) };
  return [dataKey, name, version, decode];
}

export function vaultRevision(vaultUrl: string | undefined): string {
  return shortHash(withoutSlash(vaultUrl));
}

function withoutSlash(vaultUrl: string | undefined): string {
  return vaultUrl?.replace(/\/$/, '') ?? '';
}

function shortHash(text: string): string {
  return hash('sha256', text).slice(0, 16);
}

function byFirst([left = '']: readonly string[], [right = '']: readonly string[]): number {
  return left < right ? -1 : 1;
}
