export const secret = { name: 'password' };
export const entry = { dataKey: 'PASSWORD', secret };
export const good = {
  vaultUrl: 'https://shop-prod.vault.azure.net',
  serviceAccountName: 'shop',
  data: [entry],
};
export const many = (count: number) => Array.from({ length: count }, (_, index) => index);
const a = (count: number): string => 'a'.repeat(count);

/** Invalid values are 422 and name the field as a cause; unknown and repeated fields are 400 and name it in the text. */
export const refused: readonly (readonly [what: string, change: object, field: string])[] = [
  ...[
    'http://shop-prod.vault.azure.net',
    'https://shop-prod.example.com',
    'https://shop-prod.vault.azure.net.example.com',
    'https://example.com/shop-prod.vault.azure.net',
    'https://example.com#shop-prod.vault.azure.net',
    'https://shop-prod.vault.azure.net:8443',
    'https://user:word@shop-prod.vault.azure.net',
    'https://user@shop-prod.vault.azure.net',
    'https://shop-prod.vault.azure.net/secrets/password',
    'https://shop-prod.vault.azure.net?x=1',
    'https://shop-prod.vault.azure.net\n',
    'https://shop.prod.vault.azure.net',
    'https://SHOP.vault.azure.net',
    'https://ab.vault.azure.net',
    'https://login.microsoftonline.com',
    'shop-prod.vault.azure.net',
    '',
  ].map((vaultUrl) => [JSON.stringify(vaultUrl), { vaultUrl }, 'spec.vaultUrl'] as const),
  ...['1x', '30s', '59s', '-1h', '1d', '1', 'h', '', '1.5h', '1h ', '1m1h', '0h'].map(
    (refreshInterval) =>
      [`interval "${refreshInterval}"`, { refreshInterval }, 'spec.refreshInterval'] as const,
  ),
  ['an illegal ServiceAccount', { serviceAccountName: 'Shop' }, 'spec.serviceAccountName'],
  ['a foreign ServiceAccount', { serviceAccountName: 'other/shop' }, 'spec.serviceAccountName'],
  ['no data', { data: undefined }, 'spec.data'],
  ['empty data', { data: [] }, 'spec.data'],
  ['257 keys', { data: many(257).map((n) => ({ ...entry, dataKey: `k${n}` })) }, 'spec.data'],
  ['a key twice', { data: [entry, { ...entry, secret: { name: 'b' } }] }, 'spec.data[1]'],
  ['no key', { data: [{ secret }] }, 'spec.data[0].dataKey'],
  ...['', 'a b', 'a/b', '..', '..a', 'ä', 'a\n', a(254)].map(
    (dataKey) =>
      [
        `key ${JSON.stringify(dataKey)}`,
        { data: [{ ...entry, dataKey }] },
        'spec.data[0].dataKey',
      ] as const,
  ),
  ['no source', { data: [{ dataKey: 'A' }] }, 'spec.data[0]'],
  ...['', 'db_password', 'db.password', 'secrets/password', 'päss', a(128)].map(
    (name) =>
      [
        `secret ${JSON.stringify(name)}`,
        { data: [{ ...entry, secret: { name } }] },
        'spec.data[0].secret.name',
      ] as const,
  ),
  ...['', 'latest', a(31), 'A'.repeat(32), `${a(32)}b`, `${a(31)}g`].map(
    (version) =>
      [
        `version ${JSON.stringify(version)}`,
        { data: [{ ...entry, secret: { ...secret, version } }] },
        'spec.data[0].secret.version',
      ] as const,
  ),
  ['an unknown decoding', { data: [{ ...entry, decode: 'gzip' }] }, 'spec.data[0].decode'],
  ...[
    'kubernetes.io/service-account-token',
    'bootstrap.kubernetes.io/token',
    'helm.sh/release.v1',
    '',
    a(254),
  ].map((type) => [`type ${type}`, { target: { type } }, 'spec.target.type'] as const),
  ['a type without its keys', { target: { type: 'kubernetes.io/tls' } }, 'spec.data'],
  ...['', 'Shop', 'a_b', '-a', 'a..b', a(254)].map(
    (name) => [`target ${name}`, { target: { name } }, 'spec.target.name'] as const,
  ),
  ...(['labels', 'annotations'] as const).flatMap((map) =>
    [
      'vaultsecret.dev/managed',
      'x.vaultsecret.dev/y',
      'kubernetes.io/service-account.name',
      'app.kubernetes.io/managed-by',
      'kubectl.kubernetes.io/last-applied-configuration',
      'node-restriction.k8s.io/x',
      'meta.helm.sh/release-name',
      'a b',
      '/a',
      '',
    ].map(
      (key) =>
        [`${map} ${key}`, { target: { [map]: { [key]: 'x' } } }, `spec.target.${map}`] as const,
    ),
  ),
  ['an illegal label value', { target: { labels: { a: 'b c' } } }, 'spec.target.labels.a'],
  ['a long label value', { target: { labels: { a: a(64) } } }, 'spec.target.labels.a'],
  ['a long annotation', { target: { annotations: { b: a(1_025) } } }, 'spec.target.annotations.b'],
  [
    'many labels',
    { target: { labels: Object.fromEntries(many(33).map((n) => [`l${n}`, 'x'])) } },
    'spec.target.labels',
  ],
  ...[
    { type: 'Opaque' },
    { labels: { a: 'b' } },
    { annotations: { a: 'b' } },
    { deletionPolicy: 'Delete' },
  ].map(
    (field) =>
      [
        `Merge with ${Object.keys(field).join()}`,
        { target: { creationPolicy: 'Merge', ...field } },
        'spec.target',
      ] as const,
  ),
  ['an unknown policy', { target: { creationPolicy: 'None' } }, 'spec.target.creationPolicy'],
  ['an unknown deletion', { target: { deletionPolicy: 'Purge' } }, 'spec.target.deletionPolicy'],
  ['text for a switch', { suspend: 'yes' }, 'spec.suspend'],
  ['an unknown field', { vaultURL: good.vaultUrl }, 'spec.vaultURL'],
  ['an unknown field of a key', { data: [{ ...entry, key: 'x' }] }, 'spec.data[0].key'],
  ['an unknown field of the target', { target: { namespace: 'x' } }, 'spec.target.namespace'],
];

const inSecret = (field: object) => ({ data: [{ ...entry, secret: { ...secret, ...field } }] });
const url =
  'must be the URL of a Key Vault, such as https://shop-prod.vault.azure.net, .vault.azure.cn or .vault.usgovcloudapi.net: the name has 3 to 24 lower-case letters, digits and "-", and nothing such as a port or a path follows the host';
const interval =
  'must be whole hours, minutes and seconds in this order, such as 1h, 90m or 1h30m; a day is 24h';
const objectName =
  'must be the name alone of a secret in Key Vault: letters, digits and "-"; Key Vault allows no "_", "." or "/"';
const version =
  'must be the 32 hexadecimal digits of a version in Key Vault, in lower case; to follow the newest version, leave it out';
const server =
  'must be the login server alone, such as example.azurecr.io, .cn or .us: the name has 5 to 50 lower-case letters and digits, and neither https:// nor a path stands around it';
const kubernetesName =
  'must be a name of Kubernetes: lower-case letters, digits, "-" and ".", each part between dots with a letter or digit at both ends';

const registry = (name: string) => ({
  data: [{ dataKey: 'A', containerRegistry: { server: name } }],
});
const token = (resource: string) => ({ data: [{ dataKey: 'A', accessToken: { resource } }] });

/** What people write most, and what the API server answers: field and words. */
export const plainlyRefused: readonly (readonly [
  what: string,
  change: object,
  field: string,
  words: string,
])[] = [
  ['a port', { vaultUrl: `${good.vaultUrl}:8443` }, 'spec.vaultUrl', url],
  ['a path', { vaultUrl: `${good.vaultUrl}/secrets/password` }, 'spec.vaultUrl', url],
  ['http', { vaultUrl: 'http://shop.vault.azure.net' }, 'spec.vaultUrl', url],
  ['a short vault', { vaultUrl: 'https://ab.vault.azure.net' }, 'spec.vaultUrl', url],
  ...['1d', '1.5h', '30', '1m1h', '-1h', '90 m', '1h\n'].map(
    (refreshInterval) =>
      [
        `interval ${refreshInterval}`,
        { refreshInterval },
        'spec.refreshInterval',
        interval,
      ] as const,
  ),
  ['a short interval', { refreshInterval: '59s' }, 'spec.refreshInterval', 'must be at least 1m'],
  ['an underscore', inSecret({ name: 'db_password' }), 'spec.data[0].secret.name', objectName],
  ['a dot', inSecret({ name: 'db.password' }), 'spec.data[0].secret.name', objectName],
  ['version latest', inSecret({ version: 'latest' }), 'spec.data[0].secret.version', version],
  [
    'a version in capitals',
    inSecret({ version: 'A'.repeat(32) }),
    'spec.data[0].secret.version',
    version,
  ],
  ...['https://example.azurecr.io', 'example.azurecr.io/app', 'shop.azurecr.io', 'docker.io'].map(
    (name) =>
      [
        `registry ${name}`,
        registry(name),
        'spec.data[0].containerRegistry.server',
        server,
      ] as const,
  ),
  [
    'a resource without its scope',
    token('https://example.com'),
    'spec.data[0].accessToken.resource',
    'must be one of arm, keyVault, dataLake, sql, eventHubs, serviceBus, storage, or a scope such as https://example.com/.default, which ends in /.default',
  ],
  [
    'a data key with a blank',
    { data: [{ ...entry, dataKey: 'a b' }] },
    'spec.data[0].dataKey',
    'must be letters, digits, "-", "_" and ".", and neither "." nor begin with ".."',
  ],
  [
    'a ServiceAccount in capitals',
    { serviceAccountName: 'Shop' },
    'spec.serviceAccountName',
    kubernetesName,
  ],
  ['a Secret with an underscore', { target: { name: 'a_b' } }, 'spec.target.name', kubernetesName],
  [
    'a label with a blank',
    { target: { labels: { a: 'b c' } } },
    'spec.target.labels[a]',
    'must be letters, digits, "-", "_" and ".", with a letter or digit at both ends',
  ],
];
