import { parseArgs } from 'node:util';
import type { KubeClient } from '../../testbed/kubeClient.ts';
import {
  clusterVaultConnections,
  roleBindings,
  roles,
  secrets,
  serviceAccounts,
  vaultConnections,
  vaultSecrets,
  type Resource,
} from '../../testbed/kubeResources.ts';

const rbac = 'rbac.authorization.k8s.io';

/** The flags of kubectl that remedies use, all of one value but `overwrite`. */
const options = {
  namespace: { type: 'string' },
  overwrite: { type: 'boolean' },
  type: { type: 'string' },
  patch: { type: 'string' },
  verb: { type: 'string' },
  resource: { type: 'string' },
  'resource-name': { type: 'string' },
  role: { type: 'string' },
  user: { type: 'string' },
} as const;

const kinds: Readonly<Record<string, Resource>> = {
  serviceaccount: serviceAccounts,
  secret: secrets,
  vaultsecret: vaultSecrets,
  vaultconnection: vaultConnections,
  clustervaultconnection: clusterVaultConnections,
};

/** With the rights of the client's user. @throws Error for what this kubectl does not know */
export async function runKubectl(kube: KubeClient, words: readonly string[]): Promise<string> {
  const { values, positionals } = parseArgs({
    args: [...words],
    options,
    strict: true,
    allowPositionals: true,
  });
  const [verb, kind = '', name = '', ...rest] = positionals;
  const { namespace } = values;
  switch (verb) {
    case 'annotate':
      await annotate(kube, kindOf(kind), { namespace, name }, rest);
      return '';
    case 'label':
      await kube.mergePatch(
        kindOf(kind),
        { namespace, name },
        {
          metadata: { labels: pairsOf(rest) },
        },
      );
      return '';
    case 'patch':
      await patch(kube, kindOf(kind), { namespace, name }, values);
      return '';
    case 'create':
      await create(kube, kind, { namespace, name }, values);
      return '';
    default:
      throw new Error(`this kubectl does not know ${words.join(' ')}`);
  }
}

type At = { readonly namespace: string | undefined; readonly name: string };
type Values = Partial<Record<keyof typeof options, string | boolean>>;

function kindOf(kind: string): Resource {
  const resource = kinds[kind];
  if (resource === undefined) throw new Error(`this kubectl does not know ${kind}`);
  return resource;
}

async function annotate(
  kube: KubeClient,
  resource: Resource,
  at: At,
  pairs: readonly string[],
): Promise<void> {
  await kube.mergePatch(resource, at, { metadata: { annotations: pairsOf(pairs) } });
}

function pairsOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [key = '', value = ''] = pair.split('=');
      return [key, value];
    }),
  );
}

async function patch(kube: KubeClient, resource: Resource, at: At, values: Values): Promise<void> {
  const body: unknown = JSON.parse(String(values.patch));
  if (typeof body !== 'object' || body === null) throw new Error('a patch is an object or a list');
  if (values.type === 'merge') await kube.mergePatch(resource, at, body);
  else if (values.type === 'json') await kube.jsonPatch(resource, at, body);
  else throw new Error(`this kubectl knows no patch of type ${values.type}`);
}

async function create(kube: KubeClient, kind: string, metadata: At, values: Values): Promise<void> {
  switch (kind) {
    case 'serviceaccount':
      await kube.create(serviceAccounts, { metadata });
      return;
    case 'role':
      await kube.create(roles, {
        metadata,
        rules: [
          {
            apiGroups: [''],
            resources: [values.resource],
            verbs: [values.verb],
            resourceNames: [values['resource-name']],
          },
        ],
      });
      return;
    case 'rolebinding':
      await kube.create(roleBindings, {
        metadata,
        roleRef: { apiGroup: rbac, kind: 'Role', name: values.role },
        subjects: [{ apiGroup: rbac, kind: 'User', name: values.user }],
      });
      return;
    default:
      throw new Error(`this kubectl cannot create ${kind}`);
  }
}
