import type { DesiredSecret } from '../core/secret/desired.ts';
import { KubeApiError } from '../ports/kube.ts';
import type { Comparison } from '../ports/secrets.ts';
import { partialMetadata, type ApiClient } from './request.ts';
import { valuesOf } from './secretPatches.ts';

interface Test {
  readonly op: 'test';
  readonly path: string;
  readonly value: unknown;
}

/**
 * A JSON patch of tests alone is answered 200 when all hold, and 422 without causes when one does not, before
 * admission sees it: seen on kube-apiserver 1.36.3. So the API server compares, and nobody reads a value.
 */
export async function compare(api: ApiClient, desired: DesiredSecret): Promise<Comparison> {
  const metadata = [
    ...testsOf('labels', desired.labels),
    ...testsOf('annotations', desired.annotations),
  ];
  const each = [...metadata, ...tests('/data', valuesOf(desired))];
  const isWhole = desired.type !== undefined;
  const all: readonly Test[] = [
    ...metadata,
    { op: 'test', path: '/data', value: valuesOf(desired) },
  ];
  const first = await holds(api, desired, isWhole ? all : each);
  if (first !== false) return first === undefined ? 'unknown' : 'same';
  if (!isWhole) return 'different';
  return (await holds(api, desired, each)) === true ? 'surplus' : 'different';
}

function testsOf(field: string, entries: Readonly<Record<string, string>>): readonly Test[] {
  return tests(`/metadata/${field}`, entries);
}

function tests(path: string, entries: Readonly<Record<string, string>>): readonly Test[] {
  return Object.entries(entries).map(([key, value]) => ({
    op: 'test',
    path: `${path}/${escaped(key)}`,
    value,
  }));
}

/** https://www.rfc-editor.org/rfc/rfc6901#section-3 */
function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Undefined where the API server does not say, as with a webhook that supports no dry run. */
async function holds(
  api: ApiClient,
  { namespace, name }: DesiredSecret,
  body: readonly Test[],
): Promise<boolean | undefined> {
  const path = `/api/v1/namespaces/${namespace}/secrets/${name}`;
  const contentType = 'application/json-patch+json';
  const query = { dryRun: 'All' };
  try {
    await api.send({ method: 'PATCH', path, query, contentType, accept: partialMetadata, body });
    return true;
  } catch (thrown) {
    if (!(thrown instanceof KubeApiError)) throw thrown;
    const { status, causes, refusedBy } = thrown;
    return status === 422 && causes.length === 0 && refusedBy === undefined ? false : undefined;
  }
}
