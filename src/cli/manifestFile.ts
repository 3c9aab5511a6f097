import { readFile } from 'node:fs/promises';
import type { ObservedConnection } from '../core/observed/connection.ts';
import type { VaultSecret } from '../core/observed/observed.ts';
import { connectionIn, ManifestError, readManifest, type Manifest } from '../kube/manifest.ts';
import { OptionsError } from '../options/optionsError.ts';

/** @throws Error of node:fs */
export type ReadText = (file: string) => Promise<string>;

export const readTextFile: ReadText = (file) =>
  readFile(file === '-' ? '/dev/stdin' : file, 'utf8');

export interface DescribedVaultSecret {
  readonly vaultSecret: VaultSecret;
  /** Undefined also when the file does not hold the one that is named. */
  readonly connection: ObservedConnection | undefined;
}

/** The one VaultSecret of a manifest. @throws OptionsError that says which file and what is wrong */
export async function readVaultSecretFile(
  readText: ReadText,
  file: string,
  namespace: string | undefined,
): Promise<DescribedVaultSecret> {
  const manifest = await manifestOf(readText, file, namespace);
  const [vaultSecret, another] = manifest.vaultSecrets;
  if (vaultSecret === undefined || another !== undefined)
    throw new OptionsError(
      `${file} must hold exactly one VaultSecret, not ${manifest.vaultSecrets.length}`,
    );
  if (namespace !== undefined && vaultSecret.namespace !== namespace)
    throw new OptionsError(
      `${file} says namespace ${vaultSecret.namespace}, and --namespace says ${namespace}`,
    );
  return { vaultSecret, connection: connectionIn(manifest, vaultSecret) };
}

async function manifestOf(readText: ReadText, file: string, namespace = ''): Promise<Manifest> {
  const text = await readText(file).catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? `: ${String(cause.code)}` : '';
    throw new OptionsError(`cannot read ${file}${code}`, { cause });
  });
  try {
    return readManifest(text, namespace);
  } catch (cause) {
    if (cause instanceof ManifestError)
      throw new OptionsError(`cannot use ${file}: ${cause.message}`, { cause });
    throw cause;
  }
}
