import { clientIdAnnotation, tokenExchangeAudience } from '../../api/meta.ts';
import { publicPortal } from './cloudTools.ts';
import {
  secretsUser,
  subjectOf,
  type Federation,
  type HostKind,
  type SetUp,
  type UserAssignedIdentity,
  type VaultGrant,
} from './setUp.ts';

/** What to click in the portal, in the words of its pages. */
export function portalSteps({ cloud, subscription, identity, vault }: SetUp): string {
  const steps =
    identity.kind === 'userAssigned'
      ? ofUserAssigned(identity, vault)
      : [
          [
            `Open the ${hostNames[identity.host.kind]} ${identity.host.name} (resource group ${identity.host.resourceGroup}).`,
            'Security > Identity (Settings > Identity on an app) > System assigned: set Status to On and save.',
          ],
          ...grant(vault, `the managed identity ${identity.host.name}`),
        ];
  const portal = cloud?.portal ?? publicPortal;
  const where =
    subscription === undefined
      ? cloud && `At ${portal}:\n\n`
      : `In the subscription ${subscription}, at ${portal}:\n\n`;
  return `${where ?? ''}${steps.map(numbered).join('\n')}\n`;
}

const hostNames: Readonly<Record<HostKind, string>> = {
  vm: 'virtual machine',
  vmss: 'virtual machine scale set',
  functionapp: 'Function App',
  webapp: 'App Service',
};

type Step = readonly string[];

function numbered([first = '', ...more]: Step, index: number): string {
  const number = `${index + 1}. `;
  return [`${number}${first}`, ...more.map((line) => `${' '.repeat(number.length)}${line}`)].join(
    '\n',
  );
}

function ofUserAssigned(identity: UserAssignedIdentity, vault: VaultGrant): readonly Step[] {
  const { name, resourceGroup, location, exists, host, federation } = identity;
  const region = location === undefined ? 'the region of that group' : `region ${location}`;
  return [
    exists
      ? [`Managed Identities: open ${name} (resource group ${resourceGroup}).`]
      : [
          'Managed Identities > Create:',
          `resource group ${resourceGroup}, ${region}, name ${name}; Review + create, then open it.`,
        ],
    ...(host === undefined
      ? []
      : [
          [
            `Open the ${hostNames[host.kind]} ${host.name} (resource group ${host.resourceGroup}).`,
            `Security > Identity (Settings > Identity on an app) > User assigned > Add: ${name}.`,
          ],
        ]),
    ...(federation === undefined ? [] : [federate(name, federation)]),
    ...grant(vault, `the user-assigned managed identity ${name}`),
    ...(federation === undefined ? [] : [annotate(name, federation)]),
  ];
}

/** https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation-create-trust-user-assigned-managed-identity */
function federate(identity: string, federation: Federation): Step {
  const { issuer, serviceAccount } = federation;
  const url =
    issuer.kind === 'url'
      ? issuer.url
      : `the OIDC issuer URL of the Kubernetes service ${issuer.name} (resource group ${issuer.resourceGroup}): its Overview > JSON View > oidcIssuerProfile.issuerURL`;
  return [
    `Managed identity ${identity} > Settings > Federated credentials > Add Credential:`,
    'scenario Kubernetes accessing Azure resources;',
    `cluster issuer URL: ${url};`,
    `namespace ${serviceAccount.namespace}, service account ${serviceAccount.name} (subject ${subjectOf(federation)});`,
    `name ${federation.name}, audience ${tokenExchangeAudience}.`,
  ];
}

/** https://learn.microsoft.com/en-us/azure/key-vault/general/rbac-guide and assign-access-policy */
function grant({ name, resourceGroup, grant: given }: VaultGrant, who: string): readonly Step[] {
  const vault = `Key Vault ${name} (resource group ${resourceGroup})`;
  if (given.kind === 'policy') {
    const permissions = given.permissions.map((word) => (word === 'get' ? 'Get' : 'List'));
    return [
      [
        `${vault} > Access policies > Create:`,
        `secret permissions ${permissions.join(' and ')}; principal: ${who}.`,
      ],
    ];
  }
  const places =
    given.secrets.length === 0
      ? [vault]
      : given.secrets.map((secret) => `${vault} > Objects > Secrets > ${secret}`);
  return places.map((place) => [
    `${place} > Access control (IAM) > Add > Add role assignment:`,
    `role ${secretsUser.name}; member: ${who}.`,
  ]);
}

function annotate(identity: string, { serviceAccount }: Federation): Step {
  return [
    `Copy the client ID from the Overview of ${identity} and run, with it in the place of CLIENT_ID:`,
    `kubectl annotate serviceaccount ${serviceAccount.name} --namespace ${serviceAccount.namespace} --overwrite ${clientIdAnnotation}=CLIENT_ID`,
  ];
}
