import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { dumpYaml, KubeConfig, loadYaml } from '@kubernetes/client-node';
import { z } from 'zod';
import { someNames } from '../core/someNames.ts';

export class KubeConfigError extends Error {
  override readonly name = 'KubeConfigError';
}

/**
 * Of the files together, in their own context or the one that is named; without a file the pod's own.
 * @throws KubeConfigError in one line that says which file and what is wrong
 */
export function readKubeconfig(files: readonly string[], context?: string): KubeConfig {
  const config = files.length === 0 ? ofPod() : merged(files);
  if (context !== undefined) choose(config, context);
  return config;
}

function ofPod(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromCluster();
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

/**
 * As kubectl does it, and mergeConfig of client-node 2.0.1 does not: of what several files name, the first counts; of
 * several files those that are missing are passed over.
 * https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files
 */
function merged(files: readonly string[]): KubeConfig {
  const [only, another] = files;
  const found = another === undefined ? files : files.filter((file) => existsSync(file));
  if (only !== undefined && found.length === 0)
    throw new KubeConfigError(`none of the kubeconfigs is there: ${someNames(files)}`);
  const configs = found.map(readFile);
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: firstOfEachName(configs.flatMap((one) => one.getClusters())),
    users: firstOfEachName(configs.flatMap((one) => one.getUsers())),
    contexts: firstOfEachName(configs.flatMap((one) => one.getContexts())),
    currentContext: configs.map((one) => one.getCurrentContext()).find(Boolean),
  });
  return config;
}

function firstOfEachName<T extends { readonly name: string }>(entries: readonly T[]): T[] {
  const first = new Map<string, T>();
  for (const entry of entries) if (!first.has(entry.name)) first.set(entry.name, entry);
  return [...first.values()];
}

function readFile(file: string): KubeConfig {
  try {
    const directory = dirname(resolve(file));
    const config = new KubeConfig();
    config.loadFromString(asClientNodeKnows(readFileSync(file, 'utf8'), directory));
    config.makePathsAbsolute(directory);
    return config;
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause);
    throw new KubeConfigError(`cannot read kubeconfig ${file}: ${problem}`, { cause });
  }
}

const userSchema = z.looseObject({
  tokenFile: z.string().optional(),
  exec: z.looseObject({ command: z.string() }).optional(),
});
type User = z.infer<typeof userSchema>;

const kubeconfigSchema = z.looseObject({
  users: z.array(z.looseObject({ user: userSchema.nullish() })).nullish(),
});

/**
 * client-node 2.0.1 (config_types.js) knows no `tokenFile`, but a provider that reads such a file again, and resolves
 * neither its path nor that of a command. https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/#AuthInfo
 */
function asClientNodeKnows(text: string, directory: string): string {
  if (text.trim() === '') return '{}';
  const kubeconfig = kubeconfigSchema.safeParse(loadYaml(text)).data;
  if (kubeconfig === undefined) throw new Error('it is no kubeconfig');
  for (const entry of kubeconfig.users ?? []) {
    if (entry.user) entry.user = userIn(entry.user, directory);
  }
  return dumpYaml(kubeconfig);
}

function userIn({ tokenFile, exec, ...user }: User, directory: string): User {
  // A command without a slash is looked up in the PATH (client-go, GetAuthInfoFileReferences).
  const isPath = exec?.command.includes('/') === true;
  return {
    ...user,
    ...(exec === undefined
      ? {}
      : { exec: isPath ? { ...exec, command: resolve(directory, exec.command) } : exec }),
    ...(tokenFile === undefined
      ? {}
      : {
          'auth-provider': {
            name: 'tokenFile',
            config: { tokenFile: resolve(directory, tokenFile) },
          },
        }),
  };
}
