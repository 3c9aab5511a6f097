import type { Answer } from './httpAnswer.ts';
import { deletedBundle, secretProperties, vaultHost } from './secretBundles.ts';
import { stateOf } from './secretLifecycle.ts';
import { activeSecret, fail, ok, type OperationInput } from './secretOperations.ts';
import { requestErrors } from './vaultErrors.ts';
import { cutPage, nextLink, readPageQuery, type Listing } from './vaultPaging.ts';
import { sortedNames, type StoredSecret } from './vaultStore.ts';

export function listSecrets(input: OperationInput): Answer {
  const { vault, nowMs } = input;
  return answerPage(input, '/secrets', {
    sortedKeys: sortedNames(vault),
    limits: 'items',
    show(key) {
      const secret = vault.secrets.get(key);
      if (secret === undefined || stateOf(vault, secret, nowMs) !== 'active') return undefined;
      return secretProperties(input, secret.name, secret.newest, undefined);
    },
  });
}

export function listDeletedSecrets(input: OperationInput): Answer {
  const { vault, nowMs } = input;
  return answerPage(input, '/deletedsecrets', {
    sortedKeys: sortedNames(vault).flatMap((key) => [key, ...versionKeys(vault.secrets.get(key))]),
    limits: 'rows',
    show(key) {
      const secret = vault.secrets.get(key);
      if (secret === undefined || stateOf(vault, secret, nowMs) !== 'deleted') return undefined;
      return deletedBundle(input, secret, undefined);
    },
  });
}

/** Sorted by version id, not by time. Of a secret that does not exist: an empty list, not 404. */
export function listVersions(input: OperationInput): Answer {
  const secret = activeSecret(input);
  return answerPage(input, `/secrets/${input.name}/versions`, {
    sortedKeys: versionKeys(secret),
    limits: 'items',
    show(key) {
      const id = key.slice(key.indexOf('/') + 1).toLowerCase();
      const version = secret?.versions.get(id);
      return secret && version && secretProperties(input, secret.name, version, id);
    },
  });
}

function versionKeys(secret: StoredSecret | undefined): string[] {
  const ids = secret === undefined ? [] : [...secret.versions.keys()].sort();
  return ids.map((id) => `${secret?.name ?? ''}/${id}`.toUpperCase());
}

function answerPage(input: OperationInput, path: string, listing: Listing): Answer {
  const query = readPageQuery(input.apiVersion, input.query);
  if (query === undefined) return fail(requestErrors.invalidBody('maxresults or $skiptoken'));
  const page = cutPage(listing, query, input.vault.faults.emptyPages === true);
  return ok({
    value: page.items,
    nextLink: nextLink(vaultHost(input.vault), path, query, page),
  });
}
