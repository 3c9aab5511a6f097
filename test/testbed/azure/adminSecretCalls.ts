import type { AdminCall, AdminRequest } from './adminCall.ts';
import { AdminError, readOne, secretChangeSchema, secretSchema } from './adminInput.ts';
import { putSecret, secretOf, vaultOf, versionOf } from './adminVaults.ts';
import { changeVersion } from './secretOperations.ts';
import { removeSecret, type SecretVersion, type StoredSecret } from './vaultStore.ts';

const path = '/vaults/:vault/secrets/:secret';

/** Calls about one secret. They need no grant, count as no transaction and meet no fault. */
export const secretCalls: readonly AdminCall[] = [
  {
    method: 'PUT',
    path,
    description: 'Puts a version of a secret and answers its id and version.',
    body: '{value, contentType?, tags?, enabled?, notBefore?, expires?, managed?, pem?, created?}',
    run: ({ state, param, body }) =>
      putSecret(
        state,
        vaultOf(state, param('vault')),
        param('secret'),
        readOne(secretSchema, body),
      ),
  },
  {
    method: 'PATCH',
    path,
    description: 'Changes the attributes of the newest version, or of the one named.',
    body: '{version?, contentType?, tags?, enabled?, notBefore?, expires?}',
    run(request) {
      const { version, ...change } = readOne(secretChangeSchema, request.body);
      const changed = versionOf(asked(request), version);
      changeVersion(changed, change, request.state.now());
      return shownVersion(changed);
    },
  },
  {
    method: 'GET',
    path: `${path}/versions`,
    description: 'Lists the versions of a secret, oldest first, deleted or not, without values.',
    run: (request) => [...asked(request).versions.values()].map(shownVersion),
  },
  {
    method: 'DELETE',
    path,
    description: 'Deletes a secret, softly where the vault has soft delete, also a managed one.',
    run(request) {
      const secret = asked(request);
      const vault = vaultOf(request.state, request.param('vault'));
      if (secret.deletedAtMs !== undefined) throw conflict(secret, 'is deleted already');
      if (vault.settings.recoverableDays === 0) removeSecret(vault, secret);
      else secret.deletedAtMs = request.state.now();
      return undefined;
    },
  },
  {
    method: 'POST',
    path: `${path}/recover`,
    description: 'Recovers a deleted secret.',
    run(request) {
      const secret = asked(request);
      if (secret.deletedAtMs === undefined) throw conflict(secret, 'is not deleted');
      secret.deletedAtMs = undefined;
      secret.recoveredAtMs = request.state.now();
      return undefined;
    },
  },
  {
    method: 'POST',
    path: `${path}/purge`,
    description: 'Purges a deleted secret.',
    run(request) {
      const secret = asked(request);
      if (secret.deletedAtMs === undefined) throw conflict(secret, 'is not deleted');
      const vault = vaultOf(request.state, request.param('vault'));
      removeSecret(vault, secret);
      vault.purgedAtMs.set(secret.name.toUpperCase(), request.state.now());
      return undefined;
    },
  },
];

function asked({ state, param }: AdminRequest): StoredSecret {
  return secretOf(vaultOf(state, param('vault')), param('secret'));
}

function conflict({ name }: StoredSecret, what: string): AdminError {
  return new AdminError(409, `Field secret: ${name} ${what}.`);
}

function shownVersion({ value: _value, pem: _pem, ...version }: SecretVersion): object {
  return version;
}
