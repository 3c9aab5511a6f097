import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { tarMembers, type TarMember } from './tarReader.ts';

/** What tells one image from another, times left out. */
export interface SavedImage {
  /** How a container of it starts, and the platform, by field. */
  readonly config: ReadonlyMap<string, string>;
  /** What a container finds, by path: kind, mode, owner, and a checksum or the target of a link. */
  readonly files: ReadonlyMap<string, string>;
}

const manifests = z.tuple([z.object({ Config: z.string(), Layers: z.array(z.string()) })]);
const configSchema = z.object({
  architecture: z.string(),
  os: z.string(),
  config: z.record(z.string(), z.unknown()),
});

/** Fields of Docker's own in which every image that it builds differs from others, and that start nothing. */
const ofTheBuilder = new Set(['Image', 'ArgsEscaped', 'Hostname', 'Domainname']);

/** Reads the archive of `docker save`, which our own archives are, too. */
export function savedImage(archive: Buffer): SavedImage {
  const { config, layers } = savedParts(archive);
  return {
    config: new Map(
      Object.entries(config)
        .filter(([name, value]) => !ofTheBuilder.has(name) && isGiven(value))
        .map(([name, value]) => [name, JSON.stringify(sorted(value))]),
    ),
    files: flattened(layers.map(tarMembers)),
  };
}

export interface SavedParts {
  /** Platform and how a container starts, by field. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Archives, the lowest first. */
  readonly layers: readonly Buffer[];
}

export function savedParts(archive: Buffer): SavedParts {
  const members = new Map(tarMembers(archive).map((member) => [member.path, member]));
  const content = (path: string): Buffer => {
    const member = members.get(path);
    if (member === undefined) throw new Error(`the archive of the image lacks ${path}`);
    // Older versions of Docker store a layer that two images share once.
    return member.kind === '2' ? content(linked(member)) : member.content;
  };
  const [manifest] = manifests.parse(JSON.parse(content('manifest.json').toString()));
  const { config, ...platform } = configSchema.parse(
    JSON.parse(content(manifest.Config).toString()),
  );
  return {
    config: { ...platform, ...config },
    layers: manifest.Layers.map((layer) => unzipped(content(layer))),
  };
}

function linked({ path, link }: TarMember): string {
  return new URL(link, `file:///${path}`).pathname.slice(1);
}

function isGiven(value: unknown): boolean {
  return value !== null && value !== undefined && value !== '' && value !== false;
}

/** By name, unless the order means something. */
function sorted(value: unknown): unknown {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)) : value;
}

function unzipped(layer: Buffer): Buffer {
  return layer[0] === 0x1f && layer[1] === 0x8b ? gunzipSync(layer) : layer;
}

/** As a container sees the layers, by https://github.com/opencontainers/image-spec/blob/main/layer.md */
function flattened(layers: readonly (readonly TarMember[])[]): Map<string, string> {
  const files = new Map<string, string>();
  for (const layer of layers) {
    const [gone, brought] = [new Set<string>(), new Map<string, string>()];
    for (const member of layer) {
      const path = member.path.replace(/^[.]?\//, '').replace(/\/$/, '');
      const [, folder = '', name] = /^(.*\/)?[.]wh[.](.*)$/.exec(path) ?? [];
      if (name === undefined) brought.set(path, described(member));
      else gone.add(name === '.wh..opq' ? folder : folder + name);
    }
    // What a layer takes away is of those below it, wherever in the layer that stands.
    for (const each of gone) remove(files, each);
    for (const [path, what] of brought) files.set(path, what);
  }
  files.delete('');
  return files;
}

function remove(files: Map<string, string>, gone: string): void {
  for (const path of files.keys()) {
    if (path === gone || path.startsWith(gone.endsWith('/') ? gone : `${gone}/`))
      files.delete(path);
  }
}

function described({ kind, mode, owner, link, content }: TarMember): string {
  const digest = createHash('sha256').update(content).digest('hex');
  const what = { 0: `file sha256:${digest}`, 5: 'folder' }[kind] ?? `link ${kind} to ${link}`;
  return `${mode.toString(8)} ${owner} ${what}`;
}
