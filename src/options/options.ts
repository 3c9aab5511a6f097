import { existsSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { delimiter, join } from 'node:path';
import { z } from 'zod';
import { redact } from '../core/redacted.ts';
import { readCertificates } from './certificates.ts';
import { readCommandLine, type CommandLine } from './commandLine.ts';
import { flags } from './flags.ts';
import { cloudName, readHomeCloud } from './homeCloud.ts';
import { listenAddress } from './listenAddress.ts';
import { readTokenProxy, tokenProxySchema } from './tokenProxy.ts';
import { OptionsError } from './optionsError.ts';

const httpsUrl = z.url({ protocol: /^https$/, error: 'must be an https URL' });
const proxyUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });
const nameOfA = (kind: string) =>
  z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, `must be the name of a ${kind}`);
const countProblem = 'must be a whole number from 1 to 1000';

const optionsSchema = z.object({
  /** The first has the last word; none: the pod's own ServiceAccount. */
  kubeconfig: z.array(z.string()).default([]),
  /** Of the kubeconfig; its current one when absent. */
  context: z.string().optional(),
  leaderElect: z.boolean().default(false),
  leaseNamespace: nameOfA('namespace').default('vaultsecret-system'),
  leaseName: nameOfA('Lease').default('vaultsecret'),
  /** Empty: all. */
  watchNamespace: z
    .array(nameOfA('namespace'))
    .default([])
    .transform((names) => [...new Set(names)]),
  /** Of this replica, in the Lease. */
  instance: z.string(),
  listen: listenAddress(':8080'),
  metricsListen: listenAddress(':8443'),
  /** Present: /metrics is served there over TLS, and only there. */
  metricsCertDir: z.string().optional(),
  azureTenantId: z.uuid({ error: 'must be a UUID' }).optional(),
  /** The pod's own identity, as the workload identity webhook names it; lent by connections only. */
  controllerIdentity: z
    .object({ clientId: z.uuid({ error: 'must be a UUID' }), tokenFile: z.string() })
    .optional(),
  homeCloud: z
    .object({ name: cloudName.optional(), authorityHost: httpsUrl.optional() })
    .transform(readHomeCloud),
  /** Where the host gives tokens of its managed identities; the old Pod Identity may stand elsewhere. */
  instanceMetadataEndpoint: z
    .url({ protocol: /^http$/, error: 'must be an http URL' })
    .default('http://169.254.169.254')
    .transform((url) => url.replace(/\/$/, '')),
  identityBindings: tokenProxySchema.optional(),
  resolve: z.array(z.string().transform(readResolveRule)).default([]),
  /** The usual variables for whatever goes to Azure; the API server's proxy stands in the kubeconfig. */
  proxy: z.object({ url: proxyUrl.transform((url) => redact(url)), bypass: z.string() }).optional(),
  caFile: z.array(z.string().transform(readCertificates)).default([]),
  logLevel: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], {
      error: 'must be trace, debug, info, warn, error or fatal',
    })
    .default('info'),
  maxConcurrentReconciles: z.coerce
    .number(countProblem)
    .int(countProblem)
    .min(1, countProblem)
    .max(1_000, countProblem)
    .default(32),
});

export type Options = Readonly<z.infer<typeof optionsSchema>>;

/** Those of the controller. @throws OptionsError */
export function readOptions(argv: readonly string[]): Options {
  const syntax = { flags, maxOperands: 0, help: 'vaultsecret run --help' };
  const options = optionsFrom(readCommandLine(argv, syntax).values);
  for (const name of misleading) delete process.env[name];
  return options;
}

/**
 * By the first @azure/identity would exchange the controller's own token where a managed identity is asked for; by the
 * others it would ask somebody else than the metadata service of the host, or there under another path.
 */
const misleading = [
  'AZURE_FEDERATED_TOKEN_FILE',
  'AZURE_POD_IDENTITY_AUTHORITY_HOST',
  'IDENTITY_ENDPOINT',
  'IDENTITY_HEADER',
  'IDENTITY_SERVER_THUMBPRINT',
  'IMDS_ENDPOINT',
  'MSI_ENDPOINT',
  'MSI_SECRET',
];

/** Those of a command, which takes the kubeconfig from where kubectl does. @throws OptionsError */
export function readCommandOptions(values: CommandLine['values']): Options {
  // The doctor's flag of that name speaks of the controller.
  return optionsFrom({ ...values, 'identity-bindings': false }, ownKubeconfig());
}

function ownKubeconfig(): string[] {
  const file = join(homedir(), '.kube', 'config');
  return existsSync(file) ? [file] : [];
}

/** https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#the-kubeconfig-environment-variable */
function kubeconfigsOf({ kubeconfig }: CommandLine['values']) {
  if (kubeconfig !== undefined) return [kubeconfig];
  const files = (env('KUBECONFIG') ?? '').split(delimiter).filter((file) => file !== '');
  return files.length === 0 ? undefined : files;
}

/** The only reader of the environment; what no flag was given for has its default. @throws OptionsError */
function optionsFrom(values: CommandLine['values'], defaultKubeconfig?: string[]): Options {
  const { listen, resolve } = values;
  const parsed = optionsSchema.safeParse({
    kubeconfig: kubeconfigsOf(values) ?? defaultKubeconfig,
    context: values['context'],
    leaderElect: values['leader-elect'],
    leaseNamespace: values['lease-namespace'],
    leaseName: values['lease-name'],
    watchNamespace: values['watch-namespace'],
    instance: `${hostname()}_${process.pid}`,
    listen,
    metricsListen: values['metrics-listen'],
    metricsCertDir: values['metrics-cert-dir'],
    azureTenantId: values['azure-tenant-id'] ?? env('AZURE_TENANT_ID'),
    controllerIdentity: readControllerIdentity(),
    homeCloud: {
      name: values['cloud'],
      authorityHost: values['azure-authority-host'] ?? env('AZURE_AUTHORITY_HOST'),
    },
    instanceMetadataEndpoint: env('AZURE_POD_IDENTITY_AUTHORITY_HOST'),
    identityBindings: values['identity-bindings'] === true ? readTokenProxy(env) : undefined,
    resolve,
    proxy: readProxy(),
    caFile: values['ca-file'],
    logLevel: values['log-level'],
    maxConcurrentReconciles: values['max-concurrent-reconciles'],
  });
  if (parsed.success) return Object.freeze(parsed.data);
  const [issue] = parsed.error.issues;
  const name = nameOf(issue?.path.map(String) ?? [], values);
  throw new OptionsError(`${name} ${issue?.message ?? 'is not valid'}`);
}

/** Where the value came from: the flag, or the variable that stands in for it. */
function nameOf(
  [first = '', second]: readonly string[],
  values: Readonly<Record<string, unknown>>,
): string {
  const option =
    first === 'homeCloud' ? (second === 'name' ? 'cloud' : 'azureAuthorityHost') : first;
  if (option === 'proxy') return 'HTTPS_PROXY';
  if (option === 'controllerIdentity') return 'AZURE_CLIENT_ID';
  if (option === 'instanceMetadataEndpoint') return 'AZURE_POD_IDENTITY_AUTHORITY_HOST';
  const flag = option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return values[flag] === undefined ? flag.replaceAll('-', '_').toUpperCase() : `--${flag}`;
}

/** An empty variable is an unset one: charts and shells leave them behind. */
function env(...names: readonly string[]): string | undefined {
  return names
    .map((name) => process.env[name])
    .find((value) => value !== undefined && value !== '');
}

/** https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html */
function readControllerIdentity(): { clientId: string; tokenFile: string } | undefined {
  const clientId = env('AZURE_CLIENT_ID');
  const tokenFile = env('AZURE_FEDERATED_TOKEN_FILE');
  return clientId === undefined || tokenFile === undefined ? undefined : { clientId, tokenFile };
}

function readProxy(): { url: string; bypass: string } | undefined {
  const url = env('https_proxy', 'HTTPS_PROXY');
  return url === undefined ? undefined : { url, bypass: env('no_proxy', 'NO_PROXY') ?? '' };
}

/** Like curl's --connect-to: the name in TLS and in the request stays HOST. */
function readResolveRule(text: string, context: z.RefinementCtx) {
  const match = /^((?:\*\.)?[a-z0-9.-]+)=(\[[0-9a-f:]+\]|[a-z0-9.-]+):(\d{1,5})$/i.exec(text);
  const [, host, address, port] = match ?? [];
  if (host !== undefined && address !== undefined && Number(port) <= 65_535) {
    const bare = address.replaceAll(/[[\]]/g, '');
    return { host: host.toLowerCase(), address: bare, port: Number(port) };
  }
  context.addIssue(`must be HOST=ADDRESS:PORT, not ${text}`);
  return z.NEVER;
}
