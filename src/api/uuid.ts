import { matching } from './matching.ts';

/** Microsoft's ids, in either case. */
export function uuid() {
  return matching({
    pattern: /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
    problem: 'must be a UUID, such as 00000000-0000-0000-0000-000000000000, and nothing around it',
    max: 36,
  });
}
