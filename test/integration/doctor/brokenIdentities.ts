import { randomUUID } from 'node:crypto';
import { clientIdAnnotation, tenantIdAnnotation } from '../../../src/api/meta.ts';
import { serviceAccounts } from '../../testbed/kubeResources.ts';
import { annotated, trusting } from '../failures.ts';
import { createLimitedUser } from '../limitedUser.ts';
import type { BrokenSetup } from './brokenSetup.ts';

const whoever = { 'client id of the managed identity': 'clientId' } as const;
const changedCase = (text: string): string =>
  text.replace(/[a-z]/, (letter) => letter.toUpperCase());

/** In the cluster, or at Microsoft Entra ID. */
export const brokenIdentities: readonly BrokenSetup[] = [
  {
    what: 'the ServiceAccount is missing',
    step: 'serviceAccount',
    reason: 'ServiceAccountNotFound',
    answers: whoever,
    cause: ({ kube }, { namespace, serviceAccountName: name }) =>
      kube.delete(serviceAccounts, { namespace, name }),
  },
  {
    what: 'the ServiceAccount names no identity',
    step: 'identity',
    reason: 'ClientIdMissing',
    answers: whoever,
    cause: annotated(clientIdAnnotation, null),
  },
  {
    what: 'the client id is no UUID',
    step: 'identity',
    reason: 'IdentityInvalid',
    answers: { UUID: 'clientId' },
    cause: annotated(clientIdAnnotation, 'shop'),
  },
  {
    what: 'the client id is one of nobody',
    step: 'exchange',
    reason: 'ApplicationNotFound',
    answers: whoever,
    cause: annotated(clientIdAnnotation, randomUUID()),
  },
  {
    what: 'the tenant is another one',
    step: 'challenge',
    reason: 'VaultInOtherTenant',
    async cause(world, patient) {
      const tenantId = randomUUID();
      await world.azure.call('POST', '/tenants', [{ tenantId }]);
      await annotated(tenantIdAnnotation, tenantId)(world, patient);
    },
    // Here Entra ID says the very same as of a client id of nobody.
    later: { exchange: 'ApplicationNotFound' },
  },
  {
    what: 'the tenant is none',
    step: 'challenge',
    reason: 'VaultInOtherTenant',
    cause: annotated(tenantIdAnnotation, randomUUID()),
    later: { exchange: 'TenantNotFound' },
  },
  {
    what: 'whoever asks may not create tokens',
    step: 'tokenRequest',
    reason: 'TokenRequestForbidden',
    async cause(world, patient) {
      const user = await createLimitedUser(world);
      patient.kubeconfig = user.kubeconfig;
      patient.leave = () => user.remove();
    },
  },
  {
    what: 'there is no federated credential',
    step: 'exchange',
    reason: 'FederatedIssuerNotFound',
    cause: ({ azure }, { clientId }) => azure.removeFederatedCredentials({ clientId }),
  },
  {
    what: 'the issuer has a typing error',
    step: 'exchange',
    reason: 'FederatedIssuerNotFound',
    cause: (world, patient) => trusting({ issuer: `${world.testbed.issuer}s` })(world, patient),
  },
  {
    what: 'the issuer has a slash too many',
    step: 'exchange',
    reason: 'FederatedIssuerNotFound',
    cause: (world, patient) => trusting({ issuer: `${world.testbed.issuer}/` })(world, patient),
  },
  {
    what: 'the issuer is written with other capitals',
    step: 'exchange',
    reason: 'FederatedIssuerNotFound',
    cause: (world, patient) =>
      trusting({ issuer: changedCase(world.testbed.issuer) })(world, patient),
  },
  {
    what: 'the subject is another ServiceAccount',
    step: 'exchange',
    reason: 'FederatedCredentialNotFound',
    cause: (world, patient) =>
      trusting({ subject: `system:serviceaccount:${patient.namespace}:another` })(world, patient),
  },
  {
    what: 'the subject is written with other capitals',
    step: 'exchange',
    reason: 'FederatedSubjectCaseMismatch',
    cause: (world, { namespace, serviceAccountName: name, ...patient }) =>
      trusting({ subject: `system:serviceaccount:${namespace}:${changedCase(name)}` })(world, {
        ...patient,
        namespace,
        serviceAccountName: name,
      }),
  },
  {
    what: 'the audience has a typing error',
    step: 'exchange',
    reason: 'FederatedAudienceMismatch',
    cause: trusting({ audience: 'api://AzureADTokenExchang' }),
  },
  {
    what: 'the audience is written in small letters',
    step: 'exchange',
    reason: 'FederatedAudienceMismatch',
    cause: trusting({ audience: 'api://azureadtokenexchange' }),
  },
  {
    what: 'the identity is disabled',
    step: 'exchange',
    reason: 'IdentityDisabled',
    cause: ({ azure }, { clientId }) =>
      azure.call('PATCH', `/applications/${clientId}`, { disabled: true }),
  },
];
