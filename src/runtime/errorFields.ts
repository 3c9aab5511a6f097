import { KubeApiError } from '../ports/kube.ts';
import type { LogFields } from '../ports/system.ts';

/**
 * What a log line says about an error.
 * The text of a SyntaxError is left out: the parser quotes its input there, which may be a value.
 */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  if (error instanceof SyntaxError) return { error: error.name };
  if (!(error instanceof KubeApiError)) return { error: error.name, errorText: error.message };
  const { status, reason, message } = error;
  return { error: error.name, status, reason, errorText: message };
}
