import { textsOf } from '../testbed/expectations.ts';
import { secrets } from '../testbed/kubeResources.ts';
import type { E2eWorld } from './world.ts';

/** What a watch says of a Secret, in the order of the changes. */
export interface SecretChange {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly name: string;
  readonly uid: string;
  readonly data: Readonly<Record<string, string>>;
}

export interface SecretRecord {
  stop(): Promise<SecretChange[]>;
}

const endMarker = 'end-of-record';

/** Everything that happens to the Secrets of a namespace from now on. */
export async function recordSecrets({ kube }: E2eWorld, namespace: string): Promise<SecretRecord> {
  const { resourceVersion } = await kube.list(secrets, { namespace });
  const changes: SecretChange[] = [];
  const end = new AbortController();
  const { signal } = end;
  const watching = (async () => {
    for await (const { type, object } of kube.watch(
      secrets,
      { namespace },
      { resourceVersion, signal },
    )) {
      const { name, uid } = object.metadata;
      if (name === endMarker) return;
      changes.push({ type, name, uid, data: textsOf(object) });
    }
    throw new Error('the API server ended the watch: changes may be missing');
  })();
  // Asked for at the end.
  watching.catch(() => {});
  return {
    async stop() {
      // The watch tells of it after everything that was before it.
      await kube.create(secrets, { metadata: { namespace, name: endMarker } });
      await watching;
      end.abort();
      await kube.delete(secrets, { namespace, name: endMarker });
      return changes;
    },
  };
}
