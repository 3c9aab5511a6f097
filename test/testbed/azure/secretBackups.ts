import { Buffer } from 'node:buffer';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { StoredSecret } from './vaultStore.ts';

/** Prefix of a real blob, before base64url. What follows is opaque: ours opens only while we run. */
const magic = ')AzureKeyVaultSecretBackupV1.microsoft.com';
const key = randomBytes(32);

const versionSchema = z.object({
  id: z.string(),
  value: z.string(),
  pem: z.string().optional(),
  managed: z.boolean(),
  created: z.number(),
  contentType: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  enabled: z.boolean(),
  notBefore: z.number().optional(),
  expires: z.number().optional(),
  updated: z.number(),
});
const backupSchema = z.object({ name: z.string(), versions: z.array(versionSchema).min(1) });

export function backupBlob(secret: StoredSecret): string {
  const plain = JSON.stringify({ name: secret.name, versions: [...secret.versions.values()] });
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  const body = Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
  return Buffer.from(magic + body).toString('base64url');
}

/** Undefined for a blob that is not ours or was changed. */
export function openBackup(
  blob: string,
): Pick<StoredSecret, 'name' | 'versions' | 'newest'> | undefined {
  const text = Buffer.from(blob, 'base64url').toString('latin1');
  if (!text.startsWith(magic)) return undefined;
  const body = Buffer.from(text.slice(magic.length), 'base64url');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, 12));
    decipher.setAuthTag(body.subarray(12, 28));
    const plain = Buffer.concat([decipher.update(body.subarray(28)), decipher.final()]);
    return restored(backupSchema.parse(JSON.parse(plain.toString('utf8'))));
  } catch {
    return undefined;
  }
}

function restored({
  name,
  versions,
}: z.infer<typeof backupSchema>): Pick<StoredSecret, 'name' | 'versions' | 'newest'> | undefined {
  const all = versions.map((version) => ({
    ...version,
    pem: version.pem,
    contentType: version.contentType,
    tags: version.tags,
    notBefore: version.notBefore,
    expires: version.expires,
  }));
  const newest = all.at(-1);
  if (newest === undefined) return undefined;
  return { name, versions: new Map(all.map((version) => [version.id, version])), newest };
}
