import { z } from 'zod';
import { createTransactionBudget } from './transactionBudget.ts';

/** What other clients of a vault leave of its limit. */
export const leftCapacitySchema = z.strictObject({
  /** A smooth rate: a bucket that fills with so many transactions a second. */
  perSecond: z.number().positive().optional(),
  /** How much the bucket holds, and holds at first. */
  burst: z.number().int().min(1).default(1),
  /** So many transactions in the current second and the nine before it. */
  per10s: z.number().int().min(1).optional(),
  /** What each refusal names as the time to wait; without it none is named. */
  retryAfterSeconds: z.number().min(0).optional(),
});

export type LeftCapacity = z.infer<typeof leftCapacitySchema>;

/** Counts from the moment the switch is set. */
export interface CapacityGauge {
  /** Takes one transaction, or answers false where nothing is left. A refusal costs nothing. */
  take(nowMs: number): boolean;
}

export function createCapacityGauge({ perSecond, burst, per10s = 0 }: LeftCapacity): CapacityGauge {
  const bucket = perSecond === undefined ? undefined : createBucket(perSecond, burst);
  const window = createTransactionBudget();
  return {
    take(nowMs) {
      if (bucket !== undefined && bucket.level(nowMs) < 1) return false;
      if (!window.take(nowMs, per10s)) return false;
      bucket?.drain();
      return true;
    },
  };
}

interface Bucket {
  level(nowMs: number): number;
  drain(): void;
}

/** Sums of fractions may end just below a whole transaction. */
const rounding = 1e-9;

function createBucket(perSecond: number, burst: number): Bucket {
  let level = burst;
  let filledAtMs: number | undefined;
  return {
    level(nowMs) {
      const passedMs = Math.max(0, nowMs - (filledAtMs ?? nowMs));
      level = Math.min(burst, level + (passedMs * perSecond) / 1000);
      filledAtMs = nowMs;
      return level + rounding;
    },
    drain() {
      level -= 1;
    },
  };
}
