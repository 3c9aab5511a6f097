import { z } from 'zod';

const milliseconds = z.number().min(0);

/** Switches of one vault. Whatever is not set behaves as the real service. */
export const vaultFaultsSchema = z.strictObject({
  /** Only these operations are touched by throttle, status, latencyMs, hang and dropConnection. */
  kinds: z.array(z.string()).optional(),
  /** 429 for the next `count` requests (all, when not given). */
  throttle: z
    .strictObject({
      count: z.number().int().min(1).optional(),
      retryAfterSeconds: z.number().min(0).optional(),
    })
    .optional(),
  status: z.number().int().min(400).max(599).optional(),
  latencyMs: milliseconds.optional(),
  hang: z.boolean().optional(),
  dropConnection: z.boolean().optional(),
  firewall: z.boolean().optional(),
  /** An empty page with a nextLink before every page after the first. */
  emptyPages: z.boolean().optional(),
  /** How long the vault disagrees with itself after delete, recover and purge. */
  consistencyDelayMs: milliseconds.optional(),
  /** Tokens that Entra issued are answered as signed by an unknown key (AKV10046). */
  rejectTokens: z.boolean().optional(),
});

export const entraFaultsSchema = z.strictObject({
  throttle: z
    .strictObject({
      count: z.number().int().min(1).optional(),
      retryAfterSeconds: z.number().min(0).optional(),
    })
    .optional(),
  status: z.number().int().min(400).max(599).optional(),
  latencyMs: milliseconds.optional(),
  hang: z.boolean().optional(),
  dropConnection: z.boolean().optional(),
  /** A federated credential is unknown for so long after its creation. */
  propagationDelayMs: milliseconds.optional(),
  tokenLifeSeconds: z.number().int().min(1).optional(),
  /** Federated mismatches as until 2023: 400 AADSTS70021. */
  federationErrorsBefore2023: z.boolean().optional(),
});

export type VaultFaults = z.infer<typeof vaultFaultsSchema>;
export type EntraFaults = z.infer<typeof entraFaultsSchema>;

type Interruption = { kind: 'drop' } | { kind: 'hang' } | { kind: 'status'; status: number };
type Throttled = { kind: 'throttled'; retryAfterSeconds: number | undefined };

/** What the switches make of the next request; counted faults are used up by asking. */
export function nextInterruption(
  faults: Pick<VaultFaults, 'dropConnection' | 'hang' | 'status' | 'throttle'>,
): Interruption | Throttled | undefined {
  if (faults.dropConnection === true) return { kind: 'drop' };
  if (faults.hang === true) return { kind: 'hang' };
  if (faults.throttle !== undefined) return useUpThrottle(faults, faults.throttle);
  return faults.status === undefined ? undefined : { kind: 'status', status: faults.status };
}

function useUpThrottle(
  faults: Pick<VaultFaults, 'throttle'>,
  throttle: NonNullable<VaultFaults['throttle']>,
): Throttled {
  if (throttle.count !== undefined) {
    throttle.count -= 1;
    if (throttle.count === 0) delete faults.throttle;
  }
  return { kind: 'throttled', retryAfterSeconds: throttle.retryAfterSeconds };
}
