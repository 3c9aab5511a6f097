import { z } from 'zod';

/** Microsoft's ids, in either case. RE2 and ECMAScript alike. */
export function uuid() {
  return z
    .string()
    .max(36)
    .regex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/);
}
