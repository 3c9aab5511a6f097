import type { z } from 'zod';
import type { SpecProblem } from '../core/observed/problem.ts';
import { cut } from './bounded.ts';

/** Names of map entries stand in it, which no schema bounds. */
const limit = 512;

/** The first thing that is wrong with a stored spec. */
export function firstProblem(error: z.ZodError): SpecProblem {
  const [issue] = error.issues;
  const path = ['spec', ...(issue?.path ?? [])];
  // The API server stores no field that its CRD does not have: this one is newer than we are.
  return issue?.code === 'unrecognized_keys'
    ? {
        field: cut([...path, issue.keys[0]].join('.'), limit),
        problem: 'is not known to this version of the controller',
      }
    : {
        field: cut(path.join('.'), limit),
        problem: cut(issue?.message ?? 'is not valid', limit),
      };
}
