import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const file = resolve(import.meta.dirname, '../../deploy/helm/files/monitoring/alerts.yaml');

const alertSchema = z.strictObject({
  alert: z.string().regex(/^VaultSecret[A-Za-z]+$/),
  severity: z.enum(['critical', 'warning']),
  for: z.string().regex(/^\d+m$/),
  expr: z.string(),
  summary: z.string(),
  meaning: z.string(),
  causes: z.array(z.string()).min(1),
  /** The command to run first. */
  look: z.string(),
  fix: z.string(),
});

export type Alert = z.infer<typeof alertSchema>;

/** By the name of the placeholder, as the chart's values are by default. */
export const thresholds = { NOT_SYNCED_MINUTES: 30, EXPIRY_DAYS: 14 } as const;

/** With `$(NAME)` where a threshold stands. */
export function alerts(): readonly Alert[] {
  return z.array(alertSchema).parse(parse(readFileSync(file, 'utf8')));
}

/** What a placeholder becomes is for the caller to say. */
export function withThresholds(text: string, valueOf: (name: string) => string): string {
  return Object.keys(thresholds).reduce(
    (filled, name) => filled.replaceAll(`$(${name})`, valueOf(name)),
    text,
  );
}
