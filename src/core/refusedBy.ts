import { ReconcileError } from './errors.ts';

/** Who in the cluster refused a request, where the answer says so: names alone, which may stand in a command. */
export type RefusedBy =
  | { readonly kind: 'rights'; readonly user: string; readonly verb: string }
  | { readonly kind: 'quota' | 'policy' | 'webhook' | 'brokenWebhook'; readonly name: string };

const admissionReasons = {
  policy: 'PolicyRefused',
  webhook: 'WebhookRefused',
  brokenWebhook: 'WebhookUnavailable',
} as const;

/** Refused by what an administrator put in front of the API server's storage; undefined when it was not that. */
export function admissionError(
  refusedBy: RefusedBy | undefined,
  what: string,
  options: { readonly retryAfterMs?: number | undefined; readonly cause?: unknown },
): ReconcileError | undefined {
  if (refusedBy === undefined || refusedBy.kind === 'rights' || refusedBy.kind === 'quota')
    return undefined;
  const { kind, name } = refusedBy;
  return new ReconcileError(admissionReasons[kind], { ...options, details: { name, what } });
}

/** For the command that checks a right; the verb and user that the API server named, if it did. */
export function rightDetails(refusedBy: RefusedBy | undefined, verb: string) {
  return refusedBy?.kind === 'rights'
    ? { verb: refusedBy.verb, user: refusedBy.user }
    : { verb, user: 'system:serviceaccount:<namespace of the controller>:<its ServiceAccount>' };
}
