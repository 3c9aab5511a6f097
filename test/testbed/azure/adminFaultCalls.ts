import type { AdminCall, AdminRequest } from './adminCall.ts';
import { readOne } from './adminInput.ts';
import { vaultOf } from './adminVaults.ts';
import { entraFaultsSchema, hostFaultsSchema, vaultFaultsSchema } from './faults.ts';
import { operationNames } from './operationNames.ts';

const interruptions =
  'throttle?: {count?, retryAfterSeconds?}, status?, latencyMs?, hang?, dropConnection?';

/** Calls that break things on purpose, and those that tell what was asked of the stand-in. */
export const faultCalls: readonly AdminCall[] = [
  ...switchCalls({
    path: '/vaults/:vault/faults',
    of: 'a vault',
    body: `{kinds?: [${operationNames.join(' | ')}], ${interruptions}, silent?, left?: {perSecond?, burst? (1), per10s?, retryAfterSeconds?}, refusalForms?: [withoutDenyAssignment | withoutDecisionReason | accessDenied], network?: clientAddress | nsp | publicAccessDisabled | privateLink, emptyPages?, consistencyDelayMs?, propagationDelayMs?, challenge?: {authority?, resource?}, redirectTo?, untrustedCertificate?, rejectTokens?}`,
    get: ({ state, param }) => vaultOf(state, param('vault')).faults,
    set({ state, param, body }) {
      vaultOf(state, param('vault')).faults = readOne(vaultFaultsSchema, body);
    },
  }),
  ...switchCalls({
    path: '/entra/faults',
    of: 'Entra ID',
    body: `{${interruptions}, silent?, propagationDelayMs?, tokenLifeSeconds?, conditionalAccess?, wordingOf?: YYYY-MM-DD}`,
    get: ({ state }) => state.entraFaults,
    set({ state, body }) {
      state.entraFaults = readOne(entraFaultsSchema, body);
    },
  }),
  ...switchCalls({
    path: '/imds/faults',
    of: 'the host that gives tokens of managed identities',
    body: `{${interruptions}, unassigned?: [clientId], answerAs?: clientId, answerFor?: resource, documentedErrors?, appServiceText?: noUserAssigned | notLoaded | noMsi, podIdentity?: {answer: 404 | 503, holdSeconds? (90)}}`,
    get: ({ state }) => state.hostFaults,
    set({ state, body }) {
      state.hostFaults = readOne(hostFaultsSchema, body);
    },
  }),
  {
    method: 'GET',
    path: '/requestCounts',
    description:
      'Answers how often each kind of request was answered with each status, by vault and identity, and the load of each vault. Kinds are the operations of a vault, also challenge401, tokenRejected401 and invalid; of Entra ID token, openidConfiguration and instanceDiscovery; imdsToken; drop, hang and redirect; silent, for connections that were left without a TLS handshake.',
    run: ({ state }) => state.counts.report(),
  },
  {
    method: 'DELETE',
    path: '/requestCounts',
    description: 'Sets all request counts to zero.',
    run({ state }) {
      state.counts.reset();
      return undefined;
    },
  },
];

interface Switches {
  path: string;
  of: string;
  body: string;
  get: (request: AdminRequest) => object;
  set: (request: AdminRequest) => void;
}

function switchCalls({ path, of, body, get, set }: Switches): AdminCall[] {
  const run = (request: AdminRequest): undefined => {
    set(request);
    return undefined;
  };
  return [
    { method: 'GET', path, description: `Answers the switches of ${of} that are set.`, run: get },
    {
      method: 'PUT',
      path,
      description: `Sets the switches of ${of}; whatever the body leaves out is reset.`,
      body,
      run,
    },
    {
      method: 'DELETE',
      path,
      description: `Resets all switches of ${of}.`,
      run: (request) => run({ ...request, body: {} }),
    },
  ];
}
