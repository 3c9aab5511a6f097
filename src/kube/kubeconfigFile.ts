import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { dumpYaml, KubeConfig, loadYaml } from '@kubernetes/client-node';
import { z } from 'zod';
import { someNames } from '../core/someNames.ts';

export class KubeConfigError extends Error {
  override readonly name = 'KubeConfigError';
}

/** The file's, in its own context or the one that is named; without a file the pod's own. @throws KubeConfigError, and whatever reading throws */
export function readKubeconfig(kubeconfigFile: string | undefined, context?: string): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfigFile === undefined) config.loadFromCluster();
  else config.loadFromString(withTokenFiles(readFileSync(kubeconfigFile, 'utf8')));
  if (kubeconfigFile !== undefined) config.makePathsAbsolute(dirname(resolve(kubeconfigFile)));
  if (context !== undefined) choose(config, context);
  return config;
}

function choose(config: KubeConfig, context: string): void {
  const names = config.getContexts().map(({ name }) => name);
  if (!names.includes(context))
    throw new KubeConfigError(
      `the kubeconfig has no context ${context}; it has ${someNames(names)}`,
    );
  config.setCurrentContext(context);
}

const kubeconfigSchema = z.looseObject({
  users: z
    .array(z.looseObject({ user: z.looseObject({ tokenFile: z.string().optional() }).nullish() }))
    .nullish(),
});

/**
 * client-node 2.0.1 (config_types.js) knows no `tokenFile`, but a provider that reads such a file again.
 * https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/#AuthInfo
 */
function withTokenFiles(text: string): string {
  const kubeconfig = kubeconfigSchema.safeParse(loadYaml(text)).data;
  const hasTokenFile = kubeconfig?.users?.some(({ user }) => user?.tokenFile !== undefined);
  if (kubeconfig === undefined || hasTokenFile !== true) return text;
  for (const entry of kubeconfig.users ?? []) {
    if (entry.user?.tokenFile === undefined) continue;
    const { tokenFile, ...user } = entry.user;
    entry.user = { ...user, 'auth-provider': { name: 'tokenFile', config: { tokenFile } } };
  }
  return dumpYaml(kubeconfig);
}
