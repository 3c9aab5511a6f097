import { randomBytes } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { KubeClient } from './kubeClient.ts';
import { untilObject, untilServed } from './kubeConditions.ts';
import {
  clusterRoleBindings,
  clusterRoles,
  clusterVaultConnections,
  configMaps,
  customResourceDefinitions,
  namespaces,
  roleBindings,
  roles,
  serviceAccounts,
  vaultConnections,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
  vaultSecrets,
} from './kubeResources.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const policyDirectory = join(ROOT, 'deploy/helm/files/policies');

/** As a Helm release of this name in this namespace would call its objects. */
export const controllerNamespace = 'vaultsecret-system';
export const controllerName = 'vaultsecret';
const clusterName = `${controllerNamespace}-${controllerName}`;

/** Who the controller is to the API server, for instance in the audit log. */
export const controllerUser = `system:serviceaccount:${controllerNamespace}:${controllerName}`;

const manifest = z.looseObject({ metadata: z.looseObject({ name: z.string() }) });

/** The CRDs, waited for until the API server serves them. */
export async function installCrds(client: KubeClient): Promise<void> {
  const files = globSync('crds/*.yaml', { cwd: ROOT });
  if (files.length === 0) throw new Error('there are no CRDs in crds/: run npm run generate');
  const crds = files.map((file) => manifest.parse(parse(readFileSync(join(ROOT, file), 'utf8'))));
  await Promise.all(crds.map((crd) => client.apply(customResourceDefinitions, crd)));
  const served = [vaultSecrets, vaultConnections, clusterVaultConnections];
  await Promise.all(served.map((resource) => untilServed(client, resource, true)));
}

/** Namespace, ServiceAccount, exactly the rights that the chart gives the controller, and its admission policies. */
export async function installController(client: KubeClient): Promise<void> {
  const namespace = controllerNamespace;
  const subjects = [{ kind: 'ServiceAccount', name: controllerName, namespace }];
  const apiGroup = 'rbac.authorization.k8s.io';
  await client.apply(namespaces, { metadata: { name: namespace } });
  await Promise.all([
    client.apply(serviceAccounts, { metadata: { name: controllerName, namespace } }),
    client.apply(clusterRoles, {
      metadata: { name: clusterName },
      rules: [...rulesOf('cluster-role-rules.yaml'), ...rulesOf('namespace-role-rules.yaml')],
    }),
    client.apply(clusterRoleBindings, {
      metadata: { name: clusterName },
      roleRef: { apiGroup, kind: 'ClusterRole', name: clusterName },
      subjects,
    }),
    client.apply(roles, {
      metadata: { name: controllerName, namespace },
      rules: rulesOf('role-rules.yaml'),
    }),
    client.apply(roleBindings, {
      metadata: { name: controllerName, namespace },
      roleRef: { apiGroup, kind: 'Role', name: controllerName },
      subjects,
    }),
    ...globSync('*.yaml', { cwd: policyDirectory }).map((file) => installPolicy(client, file)),
  ]);
}

async function installPolicy(client: KubeClient, file: string): Promise<void> {
  const text = readFileSync(join(policyDirectory, file), 'utf8');
  const filled = text
    .replaceAll('$(CONTROLLER)', controllerUser)
    .replaceAll('$(IDENTITY_BINDINGS)', 'false');
  const spec: unknown = parse(filled);
  const metadata = { name: policyName(basename(file, '.yaml')) };
  await client.apply(validatingAdmissionPolicies, { metadata, spec });
  await client.apply(validatingAdmissionPolicyBindings, {
    metadata,
    spec: { policyName: metadata.name, validationActions: ['Deny'] },
  });
}

/** As the chart calls it. */
function policyName(file: string): string {
  return `${clusterName}-${file.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Deletes a VaultSecret and waits until what it owned is gone as well. */
export async function untilCollected(client: KubeClient): Promise<void> {
  const at = { namespace: controllerNamespace, name: `probe-${randomBytes(5).toString('hex')}` };
  const owner = await client.create(vaultSecrets, {
    metadata: at,
    spec: {
      vaultUrl: 'https://probe.vault.azure.net',
      serviceAccountName: 'probe',
      suspend: true,
      data: [{ dataKey: 'probe', secret: { name: 'probe' } }],
    },
  });
  const { apiVersion, kind } = vaultSecrets;
  const ownerReferences = [{ apiVersion, kind, name: at.name, uid: owner.metadata.uid }];
  await client.create(configMaps, { metadata: { ...at, ownerReferences } });
  await client.delete(vaultSecrets, at);
  await untilObject(client, configMaps, at, {
    what: 'the garbage collector to take what a VaultSecret owned',
    holds: (configMap) => configMap === undefined,
    timeoutMs: 90_000,
  });
}

function rulesOf(file: string): unknown[] {
  const text = readFileSync(join(ROOT, 'deploy/helm/files', file), 'utf8');
  return z.array(z.unknown()).parse(parse(text));
}

/** Puts a fresh token of the controller's ServiceAccount into the file, in one step for its readers. */
export async function writeControllerToken(client: KubeClient, file: string): Promise<void> {
  const at = { namespace: controllerNamespace, name: controllerName };
  const token = await client.requestToken(at, { expirationSeconds: tokenLifeSeconds });
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, token, { mode: 0o600 });
  await rename(unfinished, file);
}

/** A test bed may be left up over holidays. Clusters may shorten it; each `run` renews it. */
const tokenLifeSeconds = 30 * 24 * 3_600;
