// Writes what is derived from the sources: CRDs, their copy in the chart, its values, the rule group for Azure, the
// dashboard, tables of pages, the pages of errors, alerts and values.
// `--check` writes nothing, and fails when a file is not as it would be written.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { stringify } from 'yaml';
import {
  clusterVaultConnectionCrd,
  structuralSchema,
  vaultConnectionCrd,
  vaultSecretCrd,
} from '../../src/api/crd.ts';
import { group } from '../../src/api/meta.ts';
import {
  clusterVaultConnectionSpecSchema,
  vaultConnectionSpecSchema,
} from '../../src/api/vaultConnection.ts';
import { vaultSecretSpecSchema, vaultSecretStatusSchema } from '../../src/api/vaultSecret.ts';
import { adminCallsTable } from '../testbed/azure/adminCallsTable.ts';
import { alertsBicep } from './alertsBicep.ts';
import { dashboard } from './dashboard.ts';
import { errorPage } from './errorPage.ts';
import { alertTable, runbook } from './runbook.ts';
import { fieldTable, flagTable } from './tables.ts';
import { valuesPage, valuesYaml } from './values.ts';

const root = resolve(import.meta.dirname, '../..');

/** By page; named in it by `<!-- begin NAME -->` and `<!-- end NAME -->`. */
const sections: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'docs/reference.md': {
    fields: () => fieldTable('spec', structuralSchema(vaultSecretSpecSchema)),
    status: () => fieldTable('status', structuralSchema(vaultSecretStatusSchema)),
    'connection fields': () => fieldTable('spec', structuralSchema(vaultConnectionSpecSchema)),
    'cluster connection fields': () =>
      fieldTable('spec', structuralSchema(clusterVaultConnectionSpecSchema)),
    flags: flagTable,
  },
  'docs/monitoring.md': { alerts: alertTable },
  'docs/testbed.md': { 'admin calls': adminCallsTable },
};

function files(): Readonly<Record<string, string>> {
  const crds = [vaultSecretCrd(), vaultConnectionCrd(), clusterVaultConnectionCrd()].map(
    (crd): [string, string] => [
      `${group}_${crd.spec.names.plural}.yaml`,
      `# Generated from src/api by \`npm run generate\`.\n${stringify(crd, { lineWidth: 0 })}`,
    ],
  );
  return {
    ...Object.fromEntries(crds.map(([name, text]) => [`crds/${name}`, text])),
    ...Object.fromEntries(crds.map(([name, text]) => [`deploy/helm/files/crds/${name}`, text])),
    'deploy/azure/vaultsecret-alerts.bicep': alertsBicep(),
    'deploy/helm/files/monitoring/dashboard.json': dashboard(),
    'deploy/helm/values.yaml': valuesYaml(),
    'docs/errors.md': errorPage(),
    'docs/runbook.md': runbook(),
    'docs/values.md': valuesPage(),
    ...Object.fromEntries(Object.keys(sections).map((page) => [page, withSections(page)])),
  };
}

function withSections(page: string): string {
  const before = readFileSync(resolve(root, page), 'utf8');
  return Object.entries(sections[page] ?? {}).reduce((text, [name, content]) => {
    const begin = `<!-- begin ${name} -->`;
    const end = `<!-- end ${name} -->`;
    const from = text.indexOf(begin);
    const to = text.indexOf(end);
    if (from < 0 || to < from)
      throw new Error(`${page} has no section between ${begin} and ${end}`);
    return `${text.slice(0, from + begin.length)}\n\n${content()}\n\n${text.slice(to)}`;
  }, before);
}

const isCheck = process.argv.includes('--check');
const stale: string[] = [];
for (const [name, content] of Object.entries(files())) {
  const path = resolve(root, name);
  if (existsSync(path) && readFileSync(path, 'utf8') === content) continue;
  stale.push(name);
  if (isCheck) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
if (isCheck && stale.length > 0) {
  console.error(
    `Not up to date: ${stale.join(', ')}. Run \`npm run generate\` and commit the result.`,
  );
  process.exitCode = 1;
} else if (stale.length > 0) {
  console.log(`Wrote ${stale.join(', ')}.`);
}
