import { OptionsError } from '../../options/optionsError.ts';
import type { CloudTools } from './cloudTools.ts';
import type {
  Federation,
  Host,
  IdentityBinding,
  Issuer,
  SetUp,
  SystemAssignedIdentity,
  UserAssignedIdentity,
  VaultGrant,
} from './setUp.ts';
import type { SetUpInput } from './setUpInput.ts';

/** What the flags mean together. @throws OptionsError that says what is missing or too much */
export function resolveSetUp(input: SetUpInput, cloud?: CloudTools): SetUp {
  refuse(
    input.identityBinding && input.serviceAccount === undefined,
    '--identity-binding needs --service-account and --namespace, or a VaultSecret that names them',
  );
  const identity = input.systemAssigned ? systemAssigned(input) : userAssigned(input);
  return {
    ...(input.subscription === undefined ? {} : { subscription: input.subscription }),
    ...(cloud === undefined ? {} : { cloud }),
    identity,
    vault: vaultGrant(input, identity),
  };
}

function needed(value: string | undefined, flag: string, why: string): string {
  if (value !== undefined) return value;
  throw new OptionsError(`${flag} is needed ${why}`);
}

function refuse(isWrong: boolean, problem: string): void {
  if (isWrong) throw new OptionsError(problem);
}

function systemAssigned(input: SetUpInput): SystemAssignedIdentity {
  const { identityName, existingIdentity, serviceAccount } = input;
  refuse(
    serviceAccount !== undefined,
    '--service-account needs a user-assigned identity, because a system-assigned one takes no federated credential; leave out --system-assigned',
  );
  refuse(
    identityName !== undefined || existingIdentity,
    '--system-assigned has no name of its own: leave out --identity-name and --existing-identity',
  );
  const host = hostOf(input);
  if (host === undefined)
    throw new OptionsError('--host and --host-name are needed with --system-assigned');
  return { kind: 'systemAssigned', host };
}

function userAssigned(input: SetUpInput): UserAssignedIdentity {
  const { location, existingIdentity: exists, serviceAccount } = input;
  const host = hostOf(input);
  refuse(
    serviceAccount === undefined && host === undefined,
    'nobody would have the identity: name --service-account and --namespace, or --host and --host-name',
  );
  refuse(exists && location !== undefined, '--location is of no use with --existing-identity');
  const resourceGroup = needed(input.resourceGroup, '--resource-group', 'for the identity');
  return {
    kind: 'userAssigned',
    name: input.identityName ?? defaultName(input),
    resourceGroup,
    ...(location === undefined ? {} : { location }),
    exists,
    ...(host === undefined ? {} : { host }),
    ...(serviceAccount === undefined ? {} : trustIn(input, serviceAccount)),
  };
}

/** The ServiceAccount's own name where Azure takes it for an identity. */
function defaultName({ serviceAccount = '' }: SetUpInput): string {
  if (/^[a-z0-9][a-z0-9-]{2,127}$/.test(serviceAccount)) return serviceAccount;
  throw new OptionsError('--identity-name is needed');
}

function hostOf({
  host,
  hostName,
  hostResourceGroup,
  resourceGroup,
}: SetUpInput): Host | undefined {
  if (host === undefined) {
    refuse(hostName !== undefined, '--host-name needs --host');
    return undefined;
  }
  return {
    kind: host,
    name: needed(hostName, '--host-name', `with --host ${host}`),
    resourceGroup: needed(
      hostResourceGroup ?? resourceGroup,
      '--host-resource-group',
      'for the host',
    ),
  };
}

/** By which a ServiceAccount can be the identity. */
function trustIn(
  input: SetUpInput,
  name: string,
): Pick<UserAssignedIdentity, 'federation' | 'binding'> {
  const namespace = needed(input.namespace, '--namespace', 'for the ServiceAccount');
  const serviceAccount = { namespace, name };
  return input.identityBinding
    ? { binding: bindingOf(input, serviceAccount) }
    : { federation: federationOf(input, serviceAccount) };
}

function federationOf(input: SetUpInput, serviceAccount: Federation['serviceAccount']): Federation {
  const { namespace, name } = serviceAccount;
  return {
    name: credentialName(namespace, name),
    issuer: issuerOf(input),
    serviceAccount,
  };
}

const asked = 'an identity binding, as --identity-binding or the controller of the cluster asks';

function bindingOf(
  input: SetUpInput,
  serviceAccount: Federation['serviceAccount'],
): IdentityBinding {
  const { issuer, aks, aksResourceGroup, resourceGroup } = input;
  refuse(issuer !== undefined, `--issuer is of no use for ${asked}; name the cluster by --aks`);
  return {
    name: bindingName(input.identityName ?? defaultName(input)),
    cluster: {
      name: needed(aks, '--aks', `for ${asked}`),
      resourceGroup: needed(aksResourceGroup ?? resourceGroup, '--aks-resource-group', 'for --aks'),
    },
    serviceAccount,
  };
}

/** Lowercase letters, digits and hyphens, at most 63: the strictest that is said of it. */
function bindingName(identity: string): string {
  return identity.toLowerCase().replaceAll('_', '-').slice(0, 63).replace(/-+$/, '');
}

/** 3 to 120 letters, digits, "-" and "_": https://learn.microsoft.com/en-us/azure/templates/microsoft.managedidentity/userassignedidentities/federatedidentitycredentials */
function credentialName(namespace: string, serviceAccount: string): string {
  return `${namespace}-${serviceAccount}`.replaceAll('.', '-').slice(0, 120);
}

function issuerOf({ issuer, aks, aksResourceGroup, resourceGroup }: SetUpInput): Issuer {
  refuse(issuer !== undefined && aks !== undefined, '--issuer and --aks exclude each other');
  if (issuer !== undefined) return { kind: 'url', url: issuer };
  return {
    kind: 'aks',
    name: needed(aks, '--aks or --issuer', 'to know whose tokens stand for the identity'),
    resourceGroup: needed(aksResourceGroup ?? resourceGroup, '--aks-resource-group', 'for --aks'),
  };
}

function vaultGrant(input: SetUpInput, identity: SetUp['identity']): VaultGrant {
  const { access, secret: secrets, vaultResourceGroup } = input;
  refuse(
    access === 'policy' && secrets.length > 0,
    '--secret needs --access role: an access policy always speaks of the whole vault',
  );
  const near = identity.kind === 'userAssigned' ? identity : identity.host;
  return {
    name: needed(input.vault?.name, '--vault', 'or a VaultSecret that names one'),
    resourceGroup: vaultResourceGroup ?? input.resourceGroup ?? near.resourceGroup,
    grant:
      access === 'role'
        ? { kind: 'role', secrets: [...new Set(secrets)] }
        : { kind: 'policy', permissions: ['get', 'list'] },
  };
}
