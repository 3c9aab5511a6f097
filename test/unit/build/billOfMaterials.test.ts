import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { billOfMaterials } from '../../build/billOfMaterials.ts';

const output = (inputs: Readonly<Record<string, number>>) => ({
  'dist/bundle.mjs': {
    bytes: 0,
    exports: [],
    imports: [],
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([file, bytesInOutput]) => [file, { bytesInOutput }]),
    ),
  },
});

const locked = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Record<string, { version: string; integrity: string }>;
};
const { version, integrity } = locked.packages['node_modules/@azure/identity'] ?? {};

const bill = billOfMaterials(
  output({
    'src/main.ts': 10,
    'node_modules/@azure/identity/dist/a.js': 10,
    'node_modules/@azure/identity/dist/b.js': 10,
    'node_modules/zod/index.js': 10,
    'node_modules/yaml/index.js': 0,
  }),
  '1.2.3',
);

test('the bill of materials names each package that left code in the bundle, once', () => {
  expect(bill.components.map(({ name }) => name)).toEqual(['@azure/identity', 'zod']);
});

test('a package is named with version, licence and the checksum of its archive', () => {
  const digest = Buffer.from(integrity?.slice('sha512-'.length) ?? '', 'base64').toString('hex');

  expect(bill.components[0]).toEqual({
    type: 'library',
    name: '@azure/identity',
    version,
    purl: `pkg:npm/%40azure/identity@${version}`,
    licenses: [{ expression: 'MIT' }],
    hashes: [{ alg: 'SHA-512', content: digest }],
  });
});

test('the whole has the version of the bundle', () => {
  expect(bill.metadata.component).toMatchObject({
    type: 'application',
    name: 'vaultsecret',
    version: '1.2.3',
    purl: 'pkg:npm/vaultsecret@1.2.3',
  });
});
