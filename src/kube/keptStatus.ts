import type { z } from 'zod';
import { internedTexts } from '../interned.ts';

/** 256 sources and as many objects that are gone, with the longest names, and eight conditions. */
const limit = 256 * 1024;

/** What is larger than a controller writes, or not a status, is as good as none: it is written anew. */
export function keptStatus<T>(schema: z.ZodType<T>, status: unknown): T | undefined {
  if (JSON.stringify(status ?? {}).length > limit) return undefined;
  return schema.safeParse(internedTexts(status ?? {})).data;
}
