import { z } from 'zod';
import type { Flags } from '../options/flags.ts';

/** For commands that print a table or, in a stable shape, JSON. */
export const outputFlag = {
  output: {
    type: 'string',
    short: 'o',
    value: 'table|json',
    help: 'For people or for programs. Default: table.',
  },
} as const satisfies Flags;

export const outputInput = {
  output: z.enum(['table', 'json'], 'must be table or json').default('table'),
};
