import type { DataEntry } from '../../api/dataEntry.ts';
import type { Access } from '../../core/access/access.ts';
import type { ErrorReason } from '../../core/errors/errorCatalogue.ts';
import { toReconcileError, type ReconcileError } from '../../core/errors/errors.ts';
import type { VaultSecret } from '../../core/observed/observed.ts';
import { targetType } from '../../core/observed/target.ts';
import { renderData } from '../../core/secret/render.ts';
import { entryKey, refOf, type SourceValue } from '../../core/source/sourceRef.ts';
import { fetchSource } from '../../reconcilers/fetch.ts';
import type { DoctorTools } from './tools.ts';
import type { Walk } from './walk.ts';

type ReadTools = Pick<DoctorTools, 'reader' | 'tokenReader' | 'clock'>;

/** With these the vault keeps the identity out, or has not even looked at it. */
const shutOut: readonly ErrorReason[] = [
  'KeyVaultRoleMissing',
  'KeyVaultPolicyMissing',
  'KeyVaultForbidden',
  'KeyVaultNetworkForbidden',
  'KeyVaultPublicAccessDisabled',
  'KeyVaultTokenRefused',
];

/** What came of the object that one data key is made from; its value was thrown away. */
interface ReadEntry {
  readonly entry: DataEntry;
  /** In spec.data. */
  readonly index: number;
  readonly version?: string;
  readonly error?: ReconcileError;
}

/** Each object for itself, unless the vault lets the identity read none of them. */
export async function takeObjectSteps(
  walk: Walk,
  tools: ReadTools,
  {
    vaultSecret,
    access,
  }: { readonly vaultSecret: VaultSecret; readonly access?: Access | undefined },
): Promise<void> {
  const entries = vaultSecret.spec.data;
  if (access === undefined) return skip(walk, entries);
  const read = await readAll(tools, vaultSecret, access);
  const readable = read.filter(
    ({ error }) => error === undefined || !shutOut.includes(error.reason),
  );
  const [first] = read;
  if (readable.length === 0 && first?.error !== undefined) {
    walk.fail({ step: 'permission' }, first.error);
    return skipObjects(walk, entries);
  }
  const detail = `the identity may read ${readable.length} of ${read.length} objects`;
  walk.add({ step: 'permission', status: 'passed', detail });
  for (const one of read) add(walk, one);
}

function skip(walk: Walk, entries: readonly DataEntry[]): void {
  walk.add({ step: 'permission', status: 'notReached' });
  skipObjects(walk, entries);
}

function skipObjects(walk: Walk, entries: readonly DataEntry[]): void {
  for (const entry of entries)
    walk.add({ step: 'object', object: entryKey(entry), status: 'notReached' });
}

function add(walk: Walk, { entry, index, version, error }: ReadEntry): void {
  const step = { step: 'object', object: entryKey(entry) } as const;
  if (error === undefined)
    walk.add({
      ...step,
      status: 'passed',
      detail: `data key ${entry.dataKey}, version ${version}`,
    });
  else walk.fail(step, error, { index });
}

async function readAll(
  tools: ReadTools,
  vaultSecret: VaultSecret,
  access: Access,
): Promise<readonly ReadEntry[]> {
  const { spec } = vaultSecret;
  const observed = { now: tools.clock.now(), record: undefined, vaultSecret };
  const values = new Map<string, SourceValue>();
  const read: ReadEntry[] = [];
  for (const [index, entry] of spec.data.entries()) {
    const key = entryKey(entry);
    try {
      const value = values.get(key) ?? (await fetchSource(tools, access, refOf(entry), observed));
      values.set(key, value);
      renderData(targetType(spec), [entry], values);
      read.push({ entry, index, version: value.version });
    } catch (thrown) {
      read.push({ entry, index, error: toReconcileError(thrown) });
    }
  }
  return read;
}
