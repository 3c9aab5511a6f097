import { ReconcileError } from './errors.ts';

/** Who in the cluster refused a request, where the answer says so: names alone, which may stand in a command. */
export type RefusedBy =
  | { readonly kind: 'rights'; readonly user: string; readonly verb: string }
  | { readonly kind: 'quota' | 'policy' | 'webhook' | 'brokenWebhook'; readonly name: string }
  | { readonly kind: 'terminatingNamespace' };

const admissionReasons = {
  quota: 'QuotaExceeded',
  policy: 'PolicyRefused',
  webhook: 'WebhookRefused',
  brokenWebhook: 'WebhookUnavailable',
} as const;

/** What was to be made, and where. */
export interface Attempt {
  readonly namespace: string;
  /** As the object of a sentence. */
  readonly what: string;
}

/** Refused by admission, and not for want of rights; undefined when it was not that. */
export function admissionError(
  refusedBy: RefusedBy | undefined,
  attempt: Attempt,
  options: { readonly retryAfterMs?: number | undefined; readonly cause?: unknown },
): ReconcileError | undefined {
  if (refusedBy === undefined || refusedBy.kind === 'rights') return undefined;
  if (refusedBy.kind === 'terminatingNamespace')
    return new ReconcileError('NamespaceTerminating', { ...options, details: { ...attempt } });
  const { kind, name } = refusedBy;
  return new ReconcileError(admissionReasons[kind], { ...options, details: { ...attempt, name } });
}

/** For the command that checks a right; the verb and user that the API server named, if it did. */
export function rightDetails(refusedBy: RefusedBy | undefined, verb: string) {
  return refusedBy?.kind === 'rights'
    ? { verb: refusedBy.verb, user: refusedBy.user }
    : { verb, user: 'system:serviceaccount:<namespace of the controller>:<its ServiceAccount>' };
}
