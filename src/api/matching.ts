import { z } from 'zod';
import { celRules, type CelRule } from './cel.ts';

interface Format {
  /** RE2 and ECMAScript alike. */
  readonly pattern: RegExp;
  /** What must be, in plain words; begins with "must". */
  readonly problem: string;
  readonly min?: number;
  readonly max: number;
  /** For a text that fits the pattern. */
  readonly rules?: readonly CelRule[];
}

/**
 * Text of one format. The API server says of `pattern` alone only that it does not match, so a rule beside it has the
 * words. The pattern stays, for tools that read no rules.
 */
export function matching({ pattern, problem, min = 0, max, rules = [] }: Format) {
  const text = z.string().max(max).regex(pattern, { error: problem });
  const source = pattern.source.replaceAll(String.raw`\/`, '/');
  const words = { rule: `self.matches('${source}')`, message: problem };
  return (min === 0 ? text : text.min(min)).meta(celRules(words, ...rules));
}
