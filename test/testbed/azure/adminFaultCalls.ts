import type { AdminCall } from './adminCall.ts';
import { readOne } from './adminInput.ts';
import { vaultOf } from './adminVaults.ts';
import { entraFaultsSchema, vaultFaultsSchema } from './faults.ts';

const vaultFaultsBody =
  '{kinds?: [operation], throttle?: {count?, retryAfterSeconds?}, status?, latencyMs?, hang?, dropConnection?, firewall?, emptyPages?, consistencyDelayMs?, rejectTokens?}';
const entraFaultsBody =
  '{throttle?: {count?, retryAfterSeconds?}, status?, latencyMs?, hang?, dropConnection?, propagationDelayMs?, tokenLifeSeconds?, federationErrorsBefore2023?}';

/** Calls that break things on purpose, and those that tell what was asked of the stand-in. */
export const faultCalls: readonly AdminCall[] = [
  {
    method: 'GET',
    path: '/vaults/:vault/faults',
    description: 'Answers the switches of a vault that are set.',
    run: ({ state, param }) => vaultOf(state, param('vault')).faults,
  },
  {
    method: 'PUT',
    path: '/vaults/:vault/faults',
    description: 'Sets the switches of a vault; whatever the body leaves out is reset.',
    body: vaultFaultsBody,
    run({ state, param, body }) {
      vaultOf(state, param('vault')).faults = readOne(vaultFaultsSchema, body);
      return undefined;
    },
  },
  {
    method: 'DELETE',
    path: '/vaults/:vault/faults',
    description: 'Resets all switches of a vault.',
    run({ state, param }) {
      vaultOf(state, param('vault')).faults = {};
      return undefined;
    },
  },
  {
    method: 'GET',
    path: '/entra/faults',
    description: 'Answers the switches of Entra ID that are set.',
    run: ({ state }) => state.entraFaults,
  },
  {
    method: 'PUT',
    path: '/entra/faults',
    description: 'Sets the switches of Entra ID; whatever the body leaves out is reset.',
    body: entraFaultsBody,
    run({ state, body }) {
      state.entraFaults = readOne(entraFaultsSchema, body);
      return undefined;
    },
  },
  {
    method: 'DELETE',
    path: '/entra/faults',
    description: 'Resets all switches of Entra ID.',
    run({ state }) {
      state.entraFaults = {};
      return undefined;
    },
  },
  {
    method: 'GET',
    path: '/requestCounts',
    description:
      'Answers how often each kind of request was answered with each status, by vault and identity, and the load of each vault.',
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
