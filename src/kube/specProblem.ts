import type { z } from 'zod';
import type { SpecProblem } from '../core/observed/problem.ts';

/** The first thing that is wrong with a stored spec. */
export function firstProblem(error: z.ZodError): SpecProblem {
  const [issue] = error.issues;
  const path = ['spec', ...(issue?.path ?? [])];
  // The API server stores no field that its CRD does not have: this one is newer than we are.
  return issue?.code === 'unrecognized_keys'
    ? {
        field: [...path, issue.keys[0]].join('.'),
        problem: 'is not known to this version of the controller',
      }
    : { field: path.join('.'), problem: issue?.message ?? 'is not valid' };
}
