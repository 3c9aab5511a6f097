import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Metafile } from 'esbuild';
import { z } from 'zod';

const ROOT = resolve(import.meta.dirname, '../..');

const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string().optional(),
});
const lockSchema = z.object({
  packages: z.record(z.string(), z.object({ integrity: z.string().optional() })),
});

export interface Component {
  readonly type: 'application' | 'library';
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses?: readonly object[];
  readonly hashes?: readonly object[];
}

/** CycloneDX 1.5: https://cyclonedx.org/docs/1.5/json/ */
export interface BillOfMaterials {
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.5';
  readonly version: 1;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
}

/**
 * The packages of which the bundle holds code, by what esbuild says: of the installed ones a good third
 * leaves nothing in it, and `npm sbom --omit dev` misses those that a development package needs too.
 * Without a time or a number, so that equal bundles have equal lists.
 */
export function billOfMaterials(outputs: Metafile['outputs'], version: string): BillOfMaterials {
  const { packages } = lockSchema.parse(json('package-lock.json'));
  const components = foldersIn(outputs).map((folder) => {
    const integrity = packages[folder.slice(folder.indexOf('node_modules/'))]?.integrity;
    return {
      ...componentOf('library', json(join(folder, 'package.json'))),
      ...hashesOf(integrity),
    };
  });
  const sorted = components.toSorted((a, b) => (a.purl < b.purl ? -1 : 1));
  const own = { ...manifestSchema.parse(json('package.json')), version };
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: componentOf('application', own) },
    components: [...new Map(sorted.map((each) => [each.purl, each])).values()],
  };
}

/** Of packages, as esbuild names them: relative to the root. */
function foldersIn(outputs: Metafile['outputs']): string[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const folders = inputs.flatMap(([file, { bytesInOutput }]) => {
    const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file) ?? [];
    return folder === undefined || bytesInOutput === 0 ? [] : [folder];
  });
  return [...new Set(folders)];
}

function componentOf(type: Component['type'], manifest: unknown): Component {
  const { name, version, license } = manifestSchema.parse(manifest);
  // https://github.com/package-url/purl-spec/blob/main/types-doc/npm-definition.md: a scope's @ is encoded.
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const licenses = license === undefined ? {} : { licenses: [{ expression: license }] };
  return { type, name, version, purl, ...licenses };
}

/** From the one form that npm's lock files use, of the package's archive. */
function hashesOf(integrity: string | undefined): Pick<Component, 'hashes'> {
  const [, digest] = /^sha512-(\S+)$/.exec(integrity ?? '') ?? [];
  if (digest === undefined) return {};
  return { hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] };
}

function json(file: string): unknown {
  return JSON.parse(readFileSync(resolve(ROOT, file), 'utf8'));
}
