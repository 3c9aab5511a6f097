import { deletedBundle, secretProperties, vaultHost } from './secretBundles.ts';
import { stateOf } from './secretLifecycle.ts';
import {
  activeSecret,
  fail,
  ok,
  type OperationInput,
  type OperationResult,
} from './secretOperations.ts';
import { requestErrors } from './vaultErrors.ts';
import { cutPage, nextLink, readPageQuery, type Listing } from './vaultPaging.ts';
import { sortedNames } from './vaultStore.ts';

export function listSecrets(input: OperationInput): OperationResult {
  const { vault, nowMs } = input;
  return answerPage(input, '/secrets', {
    sortedKeys: sortedNames(vault),
    show(key) {
      const secret = vault.secrets.get(key);
      if (secret === undefined || stateOf(vault, secret, nowMs) !== 'active') return undefined;
      return secretProperties(input, secret.name, secret.newest, undefined);
    },
  });
}

export function listDeletedSecrets(input: OperationInput): OperationResult {
  const { vault, nowMs } = input;
  return answerPage(input, '/deletedsecrets', {
    sortedKeys: sortedNames(vault),
    show(key) {
      const secret = vault.secrets.get(key);
      if (secret === undefined || stateOf(vault, secret, nowMs) !== 'deleted') return undefined;
      return deletedBundle(input, secret, undefined);
    },
  });
}

/** Sorted by version id, not by time. Of a secret that does not exist: an empty list, not 404. */
export function listVersions(input: OperationInput): OperationResult {
  const secret = activeSecret(input);
  const name = secret?.name ?? input.name;
  const byKey = new Map(
    [...(secret?.versions.values() ?? [])].map((version) => [
      `${name.toUpperCase()}/${version.id.toUpperCase()}`,
      version,
    ]),
  );
  return answerPage(input, `/secrets/${input.name}/versions`, {
    sortedKeys: [...byKey.keys()].sort(),
    show(key) {
      const version = byKey.get(key);
      return version && secretProperties(input, name, version, version.id);
    },
  });
}

function answerPage(input: OperationInput, path: string, listing: Listing): OperationResult {
  const query = readPageQuery(input.apiVersion, input.query);
  if (query === undefined) return fail(requestErrors.invalidBody('maxresults or $skiptoken'));
  const page = cutPage(listing, query, input.vault.faults.emptyPages === true);
  return ok({
    value: page.items,
    nextLink: nextLink(vaultHost(input.vault), path, query, page),
  });
}
