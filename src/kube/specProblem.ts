import type { z } from 'zod';
import type { SpecProblem } from '../core/observed/problem.ts';

/** The first thing that is wrong with a stored spec. */
export function firstProblem(error: z.ZodError): SpecProblem {
  const [issue] = error.issues;
  return {
    field: ['spec', ...(issue?.path ?? [])].join('.'),
    problem: issue?.message ?? 'is not valid',
  };
}
