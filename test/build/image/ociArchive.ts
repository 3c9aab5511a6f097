import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { tarArchive, type TarEntry } from './tarArchive.ts';

/** How a container of the image starts: https://github.com/opencontainers/image-spec/blob/main/config.md */
export interface ImageConfig {
  readonly User: string;
  readonly WorkingDir: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly ExposedPorts: Readonly<Record<string, object>>;
  readonly Labels: Readonly<Record<string, string>>;
}

/** Compressed once, however many images have it. */
export interface Layer {
  /** Of the archive before its compression. */
  readonly diffId: string;
  readonly blob: Blob;
}

export interface OciImage {
  /** With tag: "docker.io/library/vaultsecret:1.2.3". */
  readonly name: string;
  readonly architecture: string;
  readonly config: ImageConfig;
  readonly layers: readonly Layer[];
}

export interface OciArchive {
  readonly archive: Buffer;
  /** What a registry stores and a node pulls. */
  readonly compressedBytes: number;
}

interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly content: Buffer;
}

/**
 * One tar file that `ctr images import`, `docker load`, `skopeo` and the like take: an OCI image layout,
 * with the manifest of `docker save` beside it, because Docker reads nothing else before version 25.
 */
export function ociArchive({ name, architecture, config, layers }: OciImage): OciArchive {
  const layerBlobs = layers.map((layer) => layer.blob);
  const configBlob = jsonBlob('application/vnd.oci.image.config.v1+json', {
    architecture,
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  });
  const manifestBlob = jsonBlob('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptorOf(configBlob),
    layers: layerBlobs.map(descriptorOf),
  });
  const index = {
    schemaVersion: 2,
    manifests: [
      {
        ...descriptorOf(manifestBlob),
        platform: { architecture, os: 'linux' },
        annotations: { 'io.containerd.image.name': name },
      },
    ],
  };
  const dockerManifest = [
    { Config: pathOf(configBlob), RepoTags: [name], Layers: layerBlobs.map(pathOf) },
  ];
  const blobs = [...layerBlobs, configBlob, manifestBlob];
  const archive = tarArchive([
    { path: 'oci-layout', content: json({ imageLayoutVersion: '1.0.0' }) },
    { path: 'index.json', content: json(index) },
    { path: 'manifest.json', content: json(dockerManifest) },
    { path: 'blobs', folder: true },
    { path: 'blobs/sha256', folder: true },
    ...blobs.map((each) => ({ path: pathOf(each), content: each.content })),
  ]);
  return { archive, compressedBytes: blobs.reduce((sum, { size }) => sum + size, 0) };
}

export function layerOf(entries: readonly TarEntry[]): Layer {
  const tar = tarArchive(entries);
  const compressed = gzipSync(tar);
  return {
    diffId: digestOf(tar),
    blob: blob('application/vnd.oci.image.layer.v1.tar+gzip', compressed),
  };
}

function jsonBlob(mediaType: string, value: object): Blob {
  return blob(mediaType, json(value));
}

function blob(mediaType: string, content: Buffer): Blob {
  return { mediaType, content, digest: digestOf(content), size: content.length };
}

function descriptorOf({ mediaType, digest, size }: Blob): object {
  return { mediaType, digest, size };
}

function pathOf({ digest }: Blob): string {
  return `blobs/${digest.replace(':', '/')}`;
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
