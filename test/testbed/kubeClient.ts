import type { Cluster } from '@kubernetes/client-node';
import { z } from 'zod';
import type { KubeObject, Resource } from './kubeResources.ts';
import { KubeRequestError, KubeTransport, type KubeRequest } from './kubeTransport.ts';

export type ObjectName = {
  readonly namespace?: string | undefined;
  readonly name: string;
};

/** Which objects of a resource type; all of the cluster when nothing is given. */
export interface Scope {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly labelSelector?: string | undefined;
}

/** What is sent; the API server fills in the rest. */
export interface ObjectInput {
  readonly metadata: ObjectName & Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T;
}

/** Typed requests to the API server, on what the kubeconfig's user may do. */
export class KubeClient {
  readonly #transport: KubeTransport;

  constructor(kubeconfig: string) {
    this.#transport = new KubeTransport(kubeconfig);
  }

  get cluster(): Cluster {
    return this.#transport.cluster;
  }

  async get<T extends KubeObject>(resource: Resource<T>, at: ObjectName): Promise<T> {
    return resource.schema.parse(await this.send({ path: pathOf(resource, at) }));
  }

  /** Undefined when there is none. */
  async find<T extends KubeObject>(resource: Resource<T>, at: ObjectName): Promise<T | undefined> {
    try {
      return await this.get(resource, at);
    } catch (error) {
      if (error instanceof KubeRequestError && error.status === 404) return undefined;
      throw error;
    }
  }

  async list<T extends KubeObject>(
    resource: Resource<T>,
    scope: Scope = {},
    signal?: AbortSignal,
  ): Promise<{ items: T[]; resourceVersion: string }> {
    const answer = await this.send({
      path: pathOf(resource, scope, true),
      query: queryOf(scope),
      ...(signal === undefined ? {} : { signal }),
    });
    const { metadata, items } = z
      .looseObject({
        metadata: z.looseObject({ resourceVersion: z.string() }),
        items: z.array(resource.schema),
      })
      .parse(answer);
    return { items, resourceVersion: metadata.resourceVersion };
  }

  async create<T extends KubeObject>(resource: Resource<T>, object: ObjectInput): Promise<T> {
    const { namespace } = object.metadata;
    const path = pathOf(resource, { namespace }, true);
    return resource.schema.parse(
      await this.send({ method: 'POST', path, body: withType(resource, object) }),
    );
  }

  /** Server-side apply with force. */
  async apply<T extends KubeObject>(
    resource: Resource<T>,
    object: ObjectInput,
    fieldManager = 'testbed',
  ): Promise<T> {
    const answer = await this.send({
      method: 'PATCH',
      path: pathOf(resource, object.metadata),
      query: { fieldManager, force: 'true' },
      contentType: 'application/apply-patch+yaml',
      body: withType(resource, object),
    });
    return resource.schema.parse(answer);
  }

  async mergePatch<T extends KubeObject>(
    resource: Resource<T>,
    at: ObjectName,
    patch: object,
  ): Promise<T> {
    const path = pathOf(resource, at);
    const contentType = 'application/merge-patch+json';
    return resource.schema.parse(
      await this.send({ method: 'PATCH', path, contentType, body: patch }),
    );
  }

  async jsonPatch<T extends KubeObject>(
    resource: Resource<T>,
    at: ObjectName,
    operations: object,
  ): Promise<T> {
    const path = pathOf(resource, at);
    const contentType = 'application/json-patch+json';
    return resource.schema.parse(
      await this.send({ method: 'PATCH', path, contentType, body: operations }),
    );
  }

  /** Fine when it is already gone. */
  delete(resource: Resource, at: ObjectName): Promise<void> {
    return this.#deleteAt(pathOf(resource, at));
  }

  /** Fine when there are none, or no such resource any more. */
  deleteAll(resource: Resource, namespace: string): Promise<void> {
    return this.#deleteAt(pathOf(resource, { namespace }, true));
  }

  async #deleteAt(path: string): Promise<void> {
    try {
      await this.send({ method: 'DELETE', path });
    } catch (error) {
      if (!(error instanceof KubeRequestError) || error.status !== 404) throw error;
    }
  }

  /** A token of a ServiceAccount by the real TokenRequest. */
  async requestToken(
    at: ObjectName,
    spec: { audience?: string; expirationSeconds?: number } = {},
  ): Promise<string> {
    const { audience, expirationSeconds = 3_600 } = spec;
    const answer = await this.send({
      method: 'POST',
      path: `/api/v1/namespaces/${at.namespace}/serviceaccounts/${at.name}/token`,
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { expirationSeconds, ...(audience === undefined ? {} : { audiences: [audience] }) },
      },
    });
    return z.looseObject({ status: z.looseObject({ token: z.string() }) }).parse(answer).status
      .token;
  }

  /** Yields changes after `resourceVersion` until the server closes the stream or the signal fires. */
  async *watch<T extends KubeObject>(
    resource: Resource<T>,
    scope: Scope,
    { resourceVersion, signal }: { resourceVersion: string; signal: AbortSignal },
  ): AsyncGenerator<WatchEvent<T>> {
    const path = pathOf(resource, scope, true);
    const query = { ...queryOf(scope), watch: 'true', resourceVersion };
    const { body } = await this.#transport.open({ path, query, signal });
    const eventSchema = z.union([
      z.looseObject({
        type: z.enum(['ADDED', 'MODIFIED', 'DELETED']),
        object: resource.schema,
      }),
      z.looseObject({ type: z.literal('ERROR'), object: z.looseObject({ code: z.number() }) }),
    ]);
    for await (const line of linesOf(body)) {
      const event = eventSchema.parse(JSON.parse(line));
      if (event.type === 'ERROR') throw new KubeRequestError(event.object.code, line);
      yield event;
    }
  }

  /** Anything else. @throws KubeRequestError */
  send(request: KubeRequest): Promise<unknown> {
    return this.#transport.send(request);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}

/** Of one object, or with `isList` of the collection that the scope is taken from. */
function pathOf(
  { apiVersion, plural, isNamespaced }: Resource,
  { namespace, name }: { namespace?: string | undefined; name?: string | undefined },
  isList = false,
): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const inNamespace = isNamespaced && namespace !== undefined ? `/namespaces/${namespace}` : '';
  return `${root}${inNamespace}/${plural}${isList ? '' : `/${name}`}`;
}

function queryOf({ name, labelSelector }: Scope): Record<string, string | undefined> {
  return {
    labelSelector,
    fieldSelector: name === undefined ? undefined : `metadata.name=${name}`,
  };
}

function withType({ apiVersion, kind }: Resource, object: ObjectInput): object {
  return { apiVersion, kind, ...object };
}

async function* linesOf(body: AsyncIterable<unknown>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array))
      throw new Error('a watch answered something else than bytes');
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
