import type { Identity } from '../observed/identity.ts';
import { vaultHostOf } from './keyVaultSecret.ts';
import { isToken, type SourceRef } from './sourceRef.ts';

/** Where a VaultSecret waits for its turn. */
export interface Lane {
  readonly host: string;
  /** Requests to it, at least. */
  readonly requests: number;
}

interface Reading {
  readonly vaultUrl: string;
  readonly identity: Pick<Identity, 'cloud'>;
}

/** The vault that is read; without one, the first host that is asked. */
export function laneOf({ vaultUrl, identity }: Reading, refs: readonly SourceRef[]): Lane {
  const ofVault = refs.filter((ref) => !isToken(ref)).length;
  if (ofVault > 0) return { host: vaultHostOf(vaultUrl), requests: ofVault };
  const [server] = refs.flatMap((ref) => ('server' in ref ? [ref.server] : []));
  const host = server ?? new URL(identity.cloud.authorityHost).hostname;
  return { host, requests: refs.length };
}
