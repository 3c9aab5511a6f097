import { z } from 'zod';
import { leftCapacitySchema } from './leftCapacity.ts';
import { operationNames } from './operationNames.ts';

const milliseconds = z.number().min(0);

const networkRules = ['clientAddress', 'nsp', 'publicAccessDisabled', 'privateLink'] as const;

/** What of a vault's network settings refuses a caller: firewall, perimeter, private endpoint. */
export type NetworkRule = (typeof networkRules)[number];

const throttle = z
  .strictObject({
    count: z.number().int().min(1).optional(),
    retryAfterSeconds: z.number().min(0).optional(),
  })
  .optional();

/**
 * Other forms of refusals that people quote, at all times and beside today's: a role refusal without the line
 * DenyAssignmentId or with a DecisionReason of null, and the inner code AccessDenied where an access policy is missing.
 */
const refusalForms = ['withoutDenyAssignment', 'withoutDecisionReason', 'accessDenied'] as const;
export type RefusalForm = (typeof refusalForms)[number];

const appServiceTexts = ['noUserAssigned', 'notLoaded', 'noMsi'] as const;
export type AppServiceText = (typeof appServiceTexts)[number];

/** Switches that every service has. */
const interruptions = {
  /** 429 for the next `count` requests (all, when not given). */
  throttle,
  status: z.number().int().min(400).max(599).optional(),
  latencyMs: milliseconds.optional(),
  hang: z.boolean().optional(),
  dropConnection: z.boolean().optional(),
};

/** Switches of a service that speaks TLS. */
const silence = {
  /** New connections are accepted and their TLS handshake is never answered; open ones fall silent. */
  silent: z.boolean().optional(),
};

/** Switches of one vault. Whatever is not set behaves as the real service. */
export const vaultFaultsSchema = z.strictObject({
  /** Only these operations are touched by throttle, status, hang and dropConnection. */
  kinds: z.array(z.enum(operationNames)).optional(),
  ...interruptions,
  ...silence,
  left: leftCapacitySchema.optional(),
  refusalForms: z.array(z.enum(refusalForms)).optional(),
  /** Refuses every caller with the text of this rule. */
  network: z.enum(networkRules).optional(),
  /** An empty page with a nextLink before every page after the first. */
  emptyPages: z.boolean().optional(),
  /** How long the vault disagrees with itself after delete, recover and purge, and a certificate is pending. */
  consistencyDelayMs: milliseconds.optional(),
  /** A role assignment has no effect for so long after its creation. */
  propagationDelayMs: milliseconds.optional(),
  /** What a look-alike might put into its challenge instead of Entra ID and Key Vault. */
  challenge: z
    .strictObject({ authority: z.string().optional(), resource: z.string().optional() })
    .optional(),
  /** 307 to this URL, before anybody is asked for a token. */
  redirectTo: z.string().optional(),
  /** New connections are shown a certificate of a CA that nobody trusts. */
  untrustedCertificate: z.boolean().optional(),
  /** Tokens that Entra issued are answered as signed by an unknown key (AKV10046). */
  rejectTokens: z.boolean().optional(),
});

export const entraFaultsSchema = z.strictObject({
  ...interruptions,
  ...silence,
  /** A federated credential is unknown for so long after its creation. */
  propagationDelayMs: milliseconds.optional(),
  tokenLifeSeconds: z.number().int().min(1).optional(),
  /** Conditional access blocks every service principal. */
  conditionalAccess: z.boolean().optional(),
  /** Refuses in the words of this day, as far as they are known. */
  wordingOf: z.iso.date().optional(),
});

/** Switches of the host's token endpoints. */
export const hostFaultsSchema = z.strictObject({
  ...interruptions,
  /** Client ids of identities that this host does not have; it has all others. */
  unassigned: z.array(z.string()).optional(),
  /** Whatever identity is asked for, the token is of the one with this client id. */
  answerAs: z.string().optional(),
  /**
   * Refusals of instance metadata as in the table of error codes of
   * https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token, which no recording shows.
   */
  documentedErrors: z.boolean().optional(),
  /** Which of the texts that are quoted App Service has for an identity that it cannot give. */
  appServiceText: z.enum(appServiceTexts).optional(),
  /** Whatever resource is asked for, the token is for this one. */
  answerFor: z.string().optional(),
  /**
   * The old Pod Identity (NMI) stands in front, and has assigned nothing: it holds each request, and then answers 404
   * where no binding selects the pod, 503 with Retry-After where the assignment is under way.
   */
  podIdentity: z
    .strictObject({
      answer: z.union([z.literal(404), z.literal(503)]),
      holdSeconds: z.number().min(0).default(90),
    })
    .optional(),
});

export type VaultFaults = z.infer<typeof vaultFaultsSchema>;
export type EntraFaults = z.infer<typeof entraFaultsSchema>;
export type HostFaults = z.infer<typeof hostFaultsSchema>;

type Interruption = { kind: 'drop' } | { kind: 'hang' } | { kind: 'status'; status: number };
type Throttled = { kind: 'throttled'; retryAfterSeconds: number | undefined };

type Interruptions = Pick<
  VaultFaults,
  'dropConnection' | 'hang' | 'silent' | 'status' | 'throttle'
>;

/** What the switches make of the next request; counted faults are used up by asking. */
export function nextInterruption(faults: Interruptions): Interruption | Throttled | undefined {
  if (faults.dropConnection === true) return { kind: 'drop' };
  if (faults.hang === true || faults.silent === true) return { kind: 'hang' };
  if (faults.throttle !== undefined) return useUpThrottle(faults, faults.throttle);
  return faults.status === undefined ? undefined : { kind: 'status', status: faults.status };
}

function useUpThrottle(
  faults: Interruptions,
  throttle: NonNullable<VaultFaults['throttle']>,
): Throttled {
  if (throttle.count !== undefined) {
    throttle.count -= 1;
    if (throttle.count === 0) delete faults.throttle;
  }
  return { kind: 'throttled', retryAfterSeconds: throttle.retryAfterSeconds };
}
