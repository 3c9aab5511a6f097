import { ReconcileError } from './errors.ts';

/** Who in the cluster refused a request, where the answer says so: names alone, which may stand in a command. */
export type RefusedBy =
  /** The user is undefined where its name could not stand in a command. */
  | { readonly kind: 'rights'; readonly user: string | undefined; readonly verb: string }
  | { readonly kind: NamedRefuser; readonly name: string }
  | { readonly kind: 'terminatingNamespace' };

type NamedRefuser = Policy | 'quota' | 'webhook' | 'brokenWebhook';
type Policy = keyof typeof policies;

const policies = {
  policy: {
    policyKind: 'ValidatingAdmissionPolicy',
    policyResource: 'validatingadmissionpolicy',
  },
  mutatingPolicy: {
    policyKind: 'MutatingAdmissionPolicy',
    policyResource: 'mutatingadmissionpolicy',
  },
} as const;

const admissionReasons = {
  quota: 'QuotaExceeded',
  webhook: 'WebhookRefused',
  brokenWebhook: 'WebhookUnavailable',
} as const;

/** What was to be made, and where. */
export interface Attempt {
  readonly namespace: string;
  /** As the object of a sentence. */
  readonly what: string;
}

/** What the API server answered. */
export interface Refusal {
  readonly status: number;
  readonly refusedBy: RefusedBy | undefined;
  readonly retryAfterMs?: number | undefined;
}

/**
 * Refused by something other than RBAC. Undefined when the answer names a missing right, or when it was no refusal:
 * a 403 alone proves no missing right, because admission answers with it too.
 */
export function admissionError(
  { status, refusedBy, retryAfterMs }: Refusal,
  attempt: Attempt,
  cause?: unknown,
): ReconcileError | undefined {
  if (refusedBy?.kind === 'rights') return undefined;
  const options = { retryAfterMs, cause };
  if (refusedBy === undefined)
    return status === 403
      ? new ReconcileError('RequestForbidden', { ...options, details: { ...attempt, status } })
      : undefined;
  if (refusedBy.kind === 'terminatingNamespace')
    return new ReconcileError('NamespaceTerminating', { ...options, details: { ...attempt } });
  const { kind, name } = refusedBy;
  const details = { ...attempt, name };
  if (kind === 'policy' || kind === 'mutatingPolicy')
    return new ReconcileError('PolicyRefused', {
      ...options,
      details: { ...details, ...policies[kind] },
    });
  return new ReconcileError(admissionReasons[kind], { ...options, details });
}

/** For the command that checks a right; the verb and user that the API server named, if it did. */
export function rightDetails(refusedBy: RefusedBy | undefined, verb: string) {
  const someUser = 'system:serviceaccount:<namespace of the controller>:<its ServiceAccount>';
  return refusedBy?.kind === 'rights'
    ? { verb: refusedBy.verb, user: refusedBy.user ?? someUser }
    : { verb, user: someUser };
}
