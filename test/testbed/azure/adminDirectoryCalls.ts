import type { AdminCall } from './adminCall.ts';
import {
  AdminError,
  applicationChangeSchema,
  applicationSchema,
  federatedCredentialRemovalSchema,
  federatedCredentialSchema,
  issuerSchema,
  readList,
  readOne,
  cloudSchema,
  tenantSchema,
} from './adminInput.ts';
import { cloudOf } from './adminClouds.ts';
import type { Application } from './entraDirectory.ts';
import type { IssuerAccess } from './issuerKeys.ts';
import type { StandInState } from './standInState.ts';

const exchangeAudience = 'api://AzureADTokenExchange';

/** Calls about Entra ID: tenants, applications and identities, their federated credentials. */
export const directoryCalls: readonly AdminCall[] = [
  {
    method: 'POST',
    path: '/tenants',
    description: 'Adds tenants to the one that the stand-in starts with.',
    body: '[{tenantId, displayName?, regionScope? (WW), cloud? (AzurePublic)}]',
    run({ state, body }) {
      for (const tenant of readList(tenantSchema, body)) {
        if (tenant.cloud !== undefined) cloudOf(state, tenant.cloud);
        state.directory.addTenant(tenant);
      }
      return undefined;
    },
  },
  {
    method: 'POST',
    path: '/clouds',
    description:
      'Adds clouds to AzurePublic, AzureChina and AzureUSGovernment: hosts of Entra ID and of vaults, and the audience of tokens for vaults.',
    body: '[{name, authorityHost, vaultSuffix, vaultResource}]',
    run({ state, body }) {
      for (const { authorityHost, ...cloud } of readList(cloudSchema, body))
        state.clouds.add({ ...cloud, authorityHosts: [authorityHost] });
      return undefined;
    },
  },
  {
    method: 'POST',
    path: '/applications',
    description:
      'Adds applications or managed identities and answers them with the ids they were given.',
    body: '[{clientId?, objectId?, tenantId?, kind?: application | userAssignedIdentity | systemAssignedIdentity, displayName?, resourceId?, hostResourceId?, clientSecrets?: [{value, expiresAtMs}], certificates?: [PEM]}]',
    run: ({ state, body }) =>
      readList(applicationSchema, body).map((input) =>
        shown(
          state.directory.addApplication({ ...input, tenantId: input.tenantId ?? state.tenantId }),
        ),
      ),
  },
  {
    method: 'GET',
    path: '/applications',
    description: 'Lists applications and identities with their federated credentials.',
    run: ({ state }) => [...state.directory.applications()].map(shown),
  },
  {
    method: 'PATCH',
    path: '/applications/:clientId',
    description:
      'Disables or enables the service principal of an application; replaces its client secrets or certificates, or the subjects that AKS identity bindings let use it.',
    body: '{disabled?, clientSecrets?: [{value, expiresAtMs}], certificates?: [PEM], identityBindings?: [subject]}',
    run({ state, param, body }) {
      const application = applicationOf(state, param('clientId'));
      Object.assign(application, readOne(applicationChangeSchema, body));
      return shown(application);
    },
  },
  {
    method: 'DELETE',
    path: '/applications/:clientId',
    description:
      'Deletes an application or identity; tokens that it holds stay valid until expiry.',
    run({ state, param }) {
      state.directory.removeApplication(applicationOf(state, param('clientId')).clientId);
      return undefined;
    },
  },
  {
    method: 'POST',
    path: '/federatedCredentials',
    description: `Lets ServiceAccounts act as applications; the audience is ${exchangeAudience} unless given.`,
    body: '[{clientId, issuer, subject, audience?}]',
    run({ state, body }) {
      for (const { clientId, issuer, subject, audience } of readList(
        federatedCredentialSchema,
        body,
      )) {
        applicationOf(state, clientId).federatedCredentials.push({
          issuer,
          subject,
          audience: audience ?? exchangeAudience,
          createdAtMs: state.now(),
        });
      }
      return undefined;
    },
  },
  {
    method: 'POST',
    path: '/federatedCredentials/remove',
    description:
      'Removes the federated credentials of applications, all or those of an issuer or subject.',
    body: '[{clientId, issuer?, subject?}]',
    run({ state, body }) {
      for (const removal of readList(federatedCredentialRemovalSchema, body)) {
        const application = applicationOf(state, removal.clientId);
        application.federatedCredentials = application.federatedCredentials.filter(
          ({ issuer, subject }) =>
            issuer !== (removal.issuer ?? issuer) || subject !== (removal.subject ?? subject),
        );
      }
      return undefined;
    },
  },
  {
    method: 'POST',
    path: '/issuers',
    description: 'Tells how OpenID issuers are reached that do not answer on their public names.',
    body: '[{issuer, address?, caFile?, bearerTokenFile?}]',
    run({ state, body }) {
      for (const input of readList(issuerSchema, body)) state.issuerKeys.register(access(input));
      return undefined;
    },
  },
];

function access({
  issuer,
  address,
  caFile,
  bearerTokenFile,
}: {
  issuer: string;
  address?: string | undefined;
  caFile?: string | undefined;
  bearerTokenFile?: string | undefined;
}): IssuerAccess {
  return {
    issuer,
    ...(address === undefined ? {} : { address }),
    ...(caFile === undefined ? {} : { caFile }),
    ...(bearerTokenFile === undefined ? {} : { bearerTokenFile }),
  };
}

function applicationOf(state: StandInState, clientId: string): Application {
  const application = state.directory.application(clientId);
  if (application === undefined) {
    throw new AdminError(404, `Field clientId: there is no application ${clientId}.`);
  }
  return application;
}

/** An application without its credentials. */
function shown({
  clientSecrets: _clientSecrets,
  certificates: _certificates,
  ...application
}: Application): Omit<Application, 'clientSecrets' | 'certificates'> {
  return application;
}
