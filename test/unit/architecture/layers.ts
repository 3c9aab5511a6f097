/** What one folder (or top-level file) of `src` may import of the project. */
export interface Layer {
  readonly mayImport: readonly string[];
  /** Node's own modules: all, none, or these. */
  readonly node: 'any' | 'none' | readonly string[];
  readonly why: string;
}

const adapter = (what: string): Layer => ({
  mayImport: ['api', 'core', 'interned', 'ports'],
  node: 'any',
  why: `${what} is an adapter or a use case: such folders meet only in wire.ts, through ports`,
});

const adapters = [
  'identity',
  'keyvault',
  'kube',
  'net',
  'notifications',
  'observability',
  'reconcilers',
  'runtime',
];

/** Direction of the whole: `api ← core ← ports ← {adapters} ← cli ← wire ← main`. */
export const LAYERS: Readonly<Record<string, Layer>> = {
  api: {
    mayImport: [],
    node: 'none',
    why: 'api is what users write: it must also serve a generator, a browser, or another project',
  },
  interned: {
    mayImport: [],
    node: 'none',
    why: 'how a text is kept has nothing to do with what it says',
  },
  core: {
    mayImport: ['api', 'interned'],
    node: ['node:buffer', 'node:crypto', 'node:util'],
    why: 'core decides and is pure, which makes the part with the most cases the cheapest to test',
  },
  ports: {
    mayImport: ['api', 'core'],
    node: 'none',
    why: 'ports are interfaces: whatever they name, every adapter and every fake must have',
  },
  identity: adapter('identity'),
  keyvault: adapter('keyvault'),
  kube: adapter('kube'),
  net: adapter('net'),
  notifications: adapter('notifications'),
  observability: adapter('observability'),
  reconcilers: adapter('reconcilers'),
  runtime: {
    mayImport: ['interned', 'ports'],
    node: 'any',
    why: 'runtime is generic controller machinery that knows nothing of vaults',
  },
  version: { mayImport: [], node: 'none', why: 'the version is a constant' },
  system: {
    mayImport: ['ports'],
    node: 'any',
    why: 'system.ts only puts the real clock and randomness behind their ports',
  },
  options: {
    mayImport: ['api', 'core', 'ports', 'version'],
    node: 'any',
    why: 'options only reads argv and env into plain, frozen options',
  },
  cli: {
    mayImport: ['api', 'core', 'ports', ...adapters, 'options', 'version'],
    node: 'any',
    why: 'a command gets what it needs from wire.ts, so that it acts as the controller would',
  },
  wire: {
    mayImport: ['api', 'core', 'ports', ...adapters, 'cli', 'options', 'system', 'version'],
    node: 'any',
    why: 'wire.ts knows every folder and is itself known only to main.ts',
  },
  main: {
    mayImport: ['api', 'core', 'ports', ...adapters, 'cli', 'options', 'system', 'version', 'wire'],
    node: 'any',
    why: 'main.ts is the top: argv, signals, exit codes',
  },
  launch: {
    mayImport: ['main'],
    node: 'any',
    why: 'launch.ts must run with a Node that is too old for all the rest',
  },
};

/** The folders of core; each may import only those before it, and files of core outside all of them. */
export const CORE_FOLDERS: readonly string[] = [
  'errors',
  'observed',
  'source',
  'access',
  'secret',
  'diagnose',
  'select',
  'status',
  'plan',
];

/** Who may import a package: one owner each, so that replacing one is a change in one folder. */
export const PACKAGE_OWNERS: Readonly<Record<string, readonly string[]>> = {
  '@azure/core-rest-pipeline': ['identity', 'keyvault', 'kube', 'net', 'wire'],
  '@azure/identity': ['identity'],
  '@azure/keyvault-secrets': ['keyvault'],
  '@kubernetes/client-node': ['kube'],
  pino: ['observability'],
  'prom-client': ['observability'],
  undici: ['identity', 'keyvault', 'kube', 'net'],
  yaml: ['kube'],
  // Where unknown data enters, it is parsed; behind that, it is typed.
  zod: ['api', 'cli', 'core', 'identity', 'keyvault', 'kube', 'notifications', 'options'],
};

/** A global that only some files may touch, by the name under which code reaches it. */
export interface RestrictedGlobal {
  readonly names: readonly string[];
  /** Node's modules that offer the same by import; `*` closes the whole module. */
  readonly modules: Readonly<Record<string, readonly string[]>>;
  readonly allowedIn: readonly string[];
  readonly why: string;
}

export const RESTRICTED_GLOBALS: readonly RestrictedGlobal[] = [
  {
    names: [
      'Date.now',
      'performance.now',
      'process.hrtime',
      'setTimeout',
      'setInterval',
      'setImmediate',
    ],
    modules: { 'node:timers': ['*'], 'node:timers/promises': ['*'], 'node:perf_hooks': ['*'] },
    allowedIn: ['system'],
    why: 'take the Clock port: tests step time, they never wait for it',
  },
  {
    names: ['AbortSignal.timeout'],
    modules: {},
    allowedIn: ['kube', 'net', 'system'],
    why: 'a hidden timer: only the transports may, whose sockets live in real time anyway',
  },
  {
    names: ['Math.random', 'crypto.randomUUID', 'crypto.randomBytes', 'crypto.getRandomValues'],
    modules: {
      'node:crypto': ['randomBytes', 'randomUUID', 'randomInt', 'randomFillSync', 'webcrypto'],
    },
    allowedIn: ['system'],
    why: 'take the Random port: a seed must replay a run',
  },
  {
    names: ['process.env'],
    modules: {},
    allowedIn: ['options'],
    why: 'add an option to src/options: one reader, one schema, printed at start',
  },
  {
    names: ['process', 'process.argv', 'process.exit', 'process.exitCode', 'process.on'],
    modules: { 'node:process': ['*'] },
    allowedIn: ['launch', 'main', 'options'],
    why: 'only the entries know that they are a process: everything else is started and stopped by it',
  },
  {
    names: ['fetch'],
    modules: {},
    allowedIn: [],
    why: 'take the shared HTTP client: only it knows our CAs, the proxy and --resolve',
  },
];

export const MAX_LINES = { src: 200, test: 300 } as const;

/** Names that say nothing about what is inside; such files only ever grow. */
export const BANNED_NAMES: readonly string[] = [
  'base',
  'common',
  'constants',
  'helper',
  'helpers',
  'misc',
  'shared',
  'types',
  'util',
  'utils',
];
