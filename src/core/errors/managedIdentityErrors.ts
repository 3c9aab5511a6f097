import type { CatalogueEntry } from './catalogueEntry.ts';

/** VS14x: the managed identities of the host, and the metadata service that gives tokens of them. */
export const managedIdentityErrors = {
  InstanceMetadataUnreachable: {
    code: 'VS140',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message:
      'Nothing answers at {endpoint}, where a host in Azure gives tokens of its managed identities ({cause}).',
    remedy:
      'On nodes in Azure something keeps the pod from it, such as a network policy: the controller must reach {endpoint} on port 80. Nodes outside Azure have no managed identity: lend ControllerWorkloadIdentity instead: kubectl edit clustervaultconnection {connection}',
  },
  InstanceMetadataTimedOut: {
    code: 'VS141',
    retry: 'backoff',
    actor: 'cluster administrator',
    message:
      'The metadata service of the host has not answered within {seconds} s when it was asked for {identity}.',
    remedy:
      'It is tried again. Pod Identity holds a request that long for an identity that it has not assigned yet: kubectl get azureassignedidentities --all-namespaces',
  },
  ManagedIdentityNotAssigned: {
    code: 'VS142',
    retry: 'pollChange',
    actor: 'Azure administrator',
    message: 'The host of the controller does not have {identity} (status {status}).',
    remedy:
      'Run: {assignCommand}; for the scale set of every node pool on which the controller may run. Those of a cluster are in the group that this prints: az aks show --resource-group <group> --name <cluster> --query nodeResourceGroup --output tsv',
  },
  InstanceMetadataNotFound: {
    code: 'VS143',
    retry: 'backoff',
    actor: 'cluster administrator',
    message: 'The metadata service of the host knows nothing of {identity} for now (status 404).',
    remedy:
      'It is tried again: the service says so while it is updated. If it lasts, it is Pod Identity, and no binding selects the pods of the controller: kubectl get azureidentitybindings --all-namespaces',
  },
  InstanceMetadataUnavailable: {
    code: 'VS144',
    retry: 'backoff',
    actor: 'nobody',
    message:
      'The metadata service of the host cannot give a token of {identity} for the moment (status {status}).',
    remedy:
      'It is tried again. If it lasts: see that the identity exists and that the host reaches Microsoft Entra ID.',
  },
  InstanceMetadataThrottled: {
    code: 'VS145',
    retry: 'throttled',
    actor: 'nobody',
    message: 'The metadata service of the host takes no more requests for the moment.',
    remedy:
      'It is tried again when the service allows. It serves all pods of the node: something else on it may ask too often.',
  },
  InstanceMetadataRefused: {
    code: 'VS146',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message: 'What answers at {endpoint} gives no token of {identity} (status {status}).',
    remedy:
      'Something else than the service seems to stand there, such as a proxy or a metadata guard: let the controller pass. See what answers on the node: curl --noproxy "*" --header Metadata:true "{endpoint}/metadata/instance?api-version=2021-02-01"',
  },
  ManagedIdentityMismatch: {
    code: 'VS147',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message:
      'The metadata service of the host was asked for {identity} and gave a token with another {claim}. It was thrown away.',
    remedy:
      'Name the identity by clientId in spec.lend.identity, with its tenant in spec.tenantId: kubectl edit clustervaultconnection {connection}. If it is named so, somebody pretends to be the metadata service.',
  },
  ManagedIdentityTokenUnreadable: {
    code: 'VS148',
    retry: 'pollChange',
    actor: 'cluster administrator',
    message:
      'The metadata service of the host gave a token of {identity} for {scope} that does not say whose it is. It was thrown away.',
    remedy:
      'Only a JSON Web Token with the claims of Microsoft Entra ID is lent. If the resource encrypts its tokens, remove it from spec.lend.allowTokens and use another identity for it: kubectl edit clustervaultconnection {connection}. Otherwise see what answers at {endpoint} on the node.',
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;
