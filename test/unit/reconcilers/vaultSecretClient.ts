import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { VaultSecret } from '../../../src/core/observed/observed.ts';
import type { VaultSecretClient } from '../../../src/ports/secrets.ts';
import type { Stored } from '../../../src/ports/stored.ts';
import { statusProblems } from '../core/statusCheck.ts';
import { refusal } from './liveSecret.ts';

/** VaultSecrets of one namespace, by name, and what surrounds each request. */
interface VaultSecretServer {
  readonly find: (name: string) => VaultSecret | undefined;
  readonly put: (vaultSecret: VaultSecret) => void;
  readonly drop: (name: string) => void;
  readonly write: <T>(what: string, act: () => Promise<T>) => Promise<T>;
  readonly onGet: (name: string) => void;
}

export function createVaultSecretClient(server: VaultSecretServer): VaultSecretClient {
  const { find, put, drop, write, onGet } = server;
  return {
    get: async ({ name }) => {
      onGet(name);
      return find(name);
    },
    replaceStatus: async (vaultSecret, status) =>
      write('status', async () => {
        const live = find(vaultSecret.name);
        if (live === undefined) throw refusal(404);
        if (live.uid !== vaultSecret.uid) throw refusal(404);
        if (!isDeepStrictEqual(live.status, vaultSecret.status)) throw refusal(422);
        expect(statusProblems(vaultSecret, status)).toEqual([]);
        const body = { ...live, status };
        put(body);
        if (live.generation !== vaultSecret.generation) return undefined;
        return storedVaultSecret(body);
      }),
    replaceFinalizers: async (vaultSecret, finalizers) =>
      write(`finalizers ${finalizers.join()}`, async () => {
        const live = find(vaultSecret.name);
        if (live === undefined) throw refusal(404);
        const isKnown = isDeepStrictEqual(live.finalizers, vaultSecret.finalizers);
        const isRefused = live.terminating && finalizers.length > live.finalizers.length;
        if (live.uid !== vaultSecret.uid || !isKnown || isRefused) throw refusal(422);
        const body = { ...live, finalizers };
        put(body);
        if (live.terminating && finalizers.length === 0) drop(live.name);
        return storedVaultSecret(body);
      }),
  };
}

function storedVaultSecret(body: VaultSecret): Stored<VaultSecret> {
  const { namespace, name, uid } = body;
  return { metadata: { namespace, name, uid, resourceVersion: '1' }, body };
}
