import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { IssuerAccess } from './azure/issuerKeys.ts';
import type { KubeClient } from './kubeClient.ts';

/** Of the cluster's ServiceAccount tokens. */
export async function issuerOf(client: KubeClient): Promise<string> {
  const discovery = await client.send({ path: '/.well-known/openid-configuration' });
  return z.object({ issuer: z.string() }).parse(discovery).issuer;
}

/**
 * How the stand-in gets the keys of these tokens from the API server itself; nothing where the issuer is public,
 * as that of a managed cluster is, which Microsoft Entra ID can reach.
 */
export async function issuerAccess(
  client: KubeClient,
  issuer: string,
  { directory, bearerTokenFile }: { readonly directory: string; readonly bearerTokenFile: string },
): Promise<IssuerAccess | undefined> {
  if (await isPublic(issuer)) return undefined;
  const caFile = await caFileOf(client, directory);
  return {
    issuer,
    address: new URL(client.cluster.server).host,
    // Every ServiceAccount may read the issuer's keys.
    bearerTokenFile,
    ...(caFile === undefined ? {} : { caFile }),
  };
}

async function isPublic(issuer: string): Promise<boolean> {
  try {
    const document = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    return (await fetch(document, { signal: AbortSignal.timeout(3_000) })).ok;
  } catch {
    return false;
  }
}

async function caFileOf({ cluster }: KubeClient, directory: string): Promise<string | undefined> {
  if (cluster.caData === undefined) return cluster.caFile;
  const file = join(directory, 'cluster-ca.crt');
  await writeFile(file, Buffer.from(cluster.caData, 'base64'));
  return file;
}
