import type { Vault } from './vaultStore.ts';

/** Is the service that the vault stands for at least of this version? Texts changed over the years. */
export function isServiceSince(vault: Vault, version: string): boolean {
  const ours = vault.settings.serviceVersion.split('.').map(Number);
  for (const [index, part] of version.split('.').map(Number).entries()) {
    const difference = (ours[index] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
