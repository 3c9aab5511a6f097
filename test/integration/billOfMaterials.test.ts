import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const json = (file: string): unknown =>
  JSON.parse(readFileSync(resolve(import.meta.dirname, '../..', file), 'utf8'));

const manifest = json('package.json') as {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};
const bill = json('dist/vaultsecret.cdx.json') as {
  components: { name: string; version: string; hashes?: object[] }[];
};

test('the list of what the bundle is made of has every dependency in its version, with a checksum', () => {
  for (const [name, version] of Object.entries(manifest.dependencies)) {
    const found = bill.components.filter((component) => component.name === name);
    expect(found).toEqual([
      expect.objectContaining({ version, hashes: [expect.objectContaining({ alg: 'SHA-512' })] }),
    ]);
  }
});

test('it has nothing that only development needs', () => {
  const names = new Set(bill.components.map(({ name }) => name));

  expect(Object.keys(manifest.devDependencies).filter((name) => names.has(name))).toEqual([]);
});
