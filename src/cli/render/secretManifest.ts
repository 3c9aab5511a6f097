import type { VaultSecret } from '../../core/observed/observed.ts';
import { targetType } from '../../core/observed/target.ts';

/** The Secret that the controller would write, without its marks: nobody would keep this one true. */
export function secretManifest(
  { namespace, spec }: Pick<VaultSecret, 'namespace' | 'name' | 'spec'>,
  name: string,
  data: ReadonlyMap<string, Buffer>,
): object {
  const { labels, annotations } = spec.target ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      ...(namespace === '' ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    type: targetType(spec),
    data: Object.fromEntries([...data].map(([key, bytes]) => [key, bytes.toString('base64')])),
  };
}
