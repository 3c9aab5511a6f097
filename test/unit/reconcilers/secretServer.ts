import {
  fieldManagerOf,
  mergeOwnerAnnotation,
  mergeRecordAnnotation,
} from '../../../src/api/meta.ts';
import type { Fence } from '../../../src/core/observed/fence.ts';
import type { ObservedSecret } from '../../../src/core/observed/observed.ts';
import type { SecretClient } from '../../../src/ports/secrets.ts';
import type { Stored } from '../../../src/ports/stored.ts';
import type { Clock } from '../../../src/ports/system.ts';
import {
  applyFields,
  claimUnmanaged,
  entryOf,
  fieldsOf,
  keysUnder,
  refusal,
  stored,
  takeFields,
  updateFields,
  type Entry,
  type LiveSecret,
} from './liveSecret.ts';

/**
 * The Secrets of namespace shop, with fences and field management as they were seen on kube-apiserver 1.36.3;
 * its integration tests are the proof, this is for trying every order of events.
 */
export interface SecretServer {
  readonly client: SecretClient;
  names(): readonly string[];
  /** What our watch shows: only Secrets with our label; all, or those of these names. */
  watched(names?: readonly string[]): readonly Stored<ObservedSecret>[];
  /** Keys with their decoded values; undefined when there is no such Secret. */
  dataOf(name: string): Readonly<Record<string, string>> | undefined;
  liveOf(name: string): LiveSecret;
  /** Somebody's patch, by paths such as `data/KEY` and `label/KEY`; `undefined` removes a field. */
  edit(name: string, changes: Readonly<Record<string, string | undefined>>): void;
  /** Somebody's server-side apply of stringData, which leaves no owner of `data` behind. */
  applyStringData(name: string, dataKey: string, value: string): void;
  /** Somebody's server-side apply with force. */
  apply(name: string, by: string, fields: Readonly<Record<string, string>>): void;
  /** Somebody makes a Secret, or deletes it. */
  create(name: string, fields: Readonly<Record<string, string>>, type?: string): void;
  remove(name: string): void;
  /** Somebody resets managedFields: https://kubernetes.io/docs/reference/using-api/server-side-apply/#clearing-managedfields */
  clearManagers(name: string): void;
}

export function createSecretServer(clock: Clock): SecretServer {
  const secrets = new Map<string, LiveSecret>();
  let version = 1;

  const live = (name: string): LiveSecret => {
    const secret = secrets.get(name);
    if (secret === undefined) throw refusal(404);
    return secret;
  };
  const make = (name: string, type: string): LiveSecret => {
    version += 1;
    const secret: LiveSecret = {
      uid: `secret-${version}`,
      type,
      fields: new Map(),
      entries: [],
      resourceVersion: version,
      immutable: false,
    };
    secrets.set(name, secret);
    return secret;
  };
  const touch = (secret: LiveSecret, entry: Entry): void => {
    version += 1;
    secret.resourceVersion = version;
    // Whole seconds, as the API server keeps them.
    entry.time = new Date(clock.now()).toISOString().replace(/[.]\d+Z$/, 'Z');
  };
  const update = (
    name: string,
    by: string,
    changes: Readonly<Record<string, string | undefined>>,
  ) => {
    const secret = live(name);
    const entry = entryOf(secret, by, 'Update');
    if (updateFields(secret, entry, new Map(Object.entries(changes)))) touch(secret, entry);
    return stored(name, secret);
  };

  return {
    client: {
      async get({ name }) {
        const secret = secrets.get(name);
        return secret === undefined ? undefined : stored(name, secret);
      },
      async hasType({ name }, demand) {
        const type = secrets.get(name)?.type ?? '';
        return 'is' in demand ? type === demand.is : !demand.isNoneOf.includes(type);
      },
      async apply(desired, { fieldManager, fence, force }) {
        const { name } = desired;
        const type = desired.type ?? secrets.get(name)?.type ?? 'Opaque';
        holdFence(secrets.get(name), fence);
        const secret = secrets.get(name) ?? make(name, type);
        if (secret.type !== type) throw refusal(422, 'FieldValueInvalid', 'type');
        claimUnmanaged(secret);
        const entry = entryOf(secret, fieldManager, 'Apply');
        if (applyFields(secret, entry, fieldsOf(desired), force)) touch(secret, entry);
        return stored(name, secret);
      },
      async compare(desired) {
        const { fields } = live(desired.name);
        const wanted = fieldsOf(desired);
        const isHeld = ([path, value]: readonly [string, string]) =>
          path.startsWith('owner/') || fields.get(path) === value;
        if (![...wanted].every(isHeld)) return 'different';
        const isMore = keysUnder('data/', fields.keys()).some((key) => !wanted.has(`data/${key}`));
        return isMore && desired.type !== undefined ? 'surplus' : 'same';
      },
      async replaceData(desired, fence, fieldManager) {
        const { fields } = live(desired.name);
        holdFence(live(desired.name), fence);
        const before = keysUnder('data/', fields.keys()).map((key) => `data/${key}`);
        const values = [...fieldsOf(desired)].filter(([path]) => path.startsWith('data/'));
        const changes = { ...removal(before), ...Object.fromEntries(values) };
        return update(desired.name, fieldManager, changes);
      },
      tryCreate: async () => undefined,
      async takeOver({ name, uid, resourceVersion }, from, fieldManager) {
        const secret = live(name);
        holdFence(secret, { kind: 'exactly', uid, resourceVersion });
        const entry = entryOf(secret, fieldManager, 'Apply');
        takeFields(secret, entry, from);
        touch(secret, entry);
        return stored(name, secret);
      },
      async prune({ name, uid, resourceVersion }, dataKeys, fieldManager) {
        holdFence(live(name), { kind: 'exactly', uid, resourceVersion });
        return update(name, fieldManager, removal(dataKeys.map((key) => `data/${key}`)));
      },
      async delete({ name }, fence) {
        if (secrets.has(name)) holdFence(secrets.get(name), fence);
        secrets.delete(name);
      },
      async withdraw({ name }, fence, { uid, dataKeys }) {
        if (!secrets.has(name)) return undefined;
        holdFence(secrets.get(name), fence);
        const annotations = [mergeOwnerAnnotation(uid), mergeRecordAnnotation(uid)];
        const paths = [
          ...annotations.map((key) => `annotation/${key}`),
          ...dataKeys.map((key) => `data/${key}`),
        ];
        return update(name, fieldManagerOf(uid), removal(paths));
      },
      async disown({ name, uid, resourceVersion }, fieldManager) {
        const secret = live(name);
        holdFence(secret, { kind: 'exactly', uid, resourceVersion });
        const entry = entryOf(secret, fieldManager, 'Apply');
        if (applyFields(secret, entry, new Map(), false)) touch(secret, entry);
        return stored(name, secret);
      },
      async release({ name }, fence, { uid, labels, annotations }) {
        if (!secrets.has(name)) return undefined;
        holdFence(secrets.get(name), fence);
        entryOf(live(name), fieldManagerOf(uid), 'Apply').paths.clear();
        const paths = [
          `owner/${uid}`,
          ...labels.map((key) => `label/${key}`),
          ...annotations.map((key) => `annotation/${key}`),
        ];
        return update(name, 'vaultsecret.dev', removal(paths));
      },
    },

    names: () => [...secrets.keys()],
    watched: (names = [...secrets.keys()]) =>
      names
        .flatMap((name) => {
          const secret = secrets.get(name);
          return secret === undefined ? [] : [stored(name, secret)];
        })
        .filter(({ body }) => body.managed),
    dataOf(name) {
      const fields = secrets.get(name)?.fields;
      if (fields === undefined) return undefined;
      const keys = keysUnder('data/', fields.keys());
      return Object.fromEntries(keys.map((key) => [key, decode(fields.get(`data/${key}`))]));
    },
    liveOf: live,
    edit: (name, changes) => void update(name, 'kubectl-edit', changes),
    applyStringData(name, dataKey, value) {
      const secret = live(name);
      const entry = entryOf(secret, 'foreign', 'Apply');
      secret.fields.set(`data/${dataKey}`, encode(value));
      entry.paths.add(`stringData/${dataKey}`);
      touch(secret, entry);
    },
    apply(name, by, fields) {
      const secret = live(name);
      const entry = entryOf(secret, by, 'Apply');
      if (applyFields(secret, entry, new Map(Object.entries(fields)), true)) touch(secret, entry);
    },
    create(name, fields, type = 'Opaque') {
      make(name, type);
      update(name, 'kubectl-create', fields);
    },
    remove: (name) => void secrets.delete(name),
    clearManagers(name) {
      const secret = live(name);
      secret.entries.splice(0);
      touch(secret, { name: '', operation: 'Update', time: '', paths: new Set() });
    },
  };
}

function holdFence(secret: LiveSecret | undefined, fence: Fence): void {
  const holds =
    fence.kind === 'absent'
      ? secret === undefined
      : secret?.uid === fence.uid && String(secret.resourceVersion) === fence.resourceVersion;
  if (!holds) throw refusal(409);
}

function removal(paths: readonly string[]): Readonly<Record<string, undefined>> {
  return Object.fromEntries(paths.map((path) => [path, undefined]));
}

export function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

function decode(text = ''): string {
  return Buffer.from(text, 'base64').toString();
}
