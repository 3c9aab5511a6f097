import type { RefusedBy } from '../core/errors/refusedBy.ts';
import type { StatusCause } from '../ports/kube.ts';

/** A name and nothing that a shell would take for more. */
const name = '([a-zA-Z0-9][\\w.:@-]{0,252})';
const printable = new RegExp(`^${name}$`);

const forbidden = '^\\S+(?: "\\S+")? is forbidden: ';

/**
 * As kube-apiserver 1.36.3 words them; no field of the Status says who it was. The user is quoted as Go quotes.
 * A mutating policy is named without its kind: PolicyError in k8s.io/apiserver 0.36.3,
 * pkg/admission/plugin/policy/generic/policy_dispatcher.go; status 403 and reason Invalid.
 */
const rights = new RegExp(`${forbidden}User "((?:[^"\\\\]|\\\\.)*)" cannot ([a-z]+) resource "`);
const others = [
  ['quota', new RegExp(`${forbidden}(?:exceeded|failed|status unknown for) quota: ${name}[:,] `)],
  ['policy', new RegExp(`${forbidden}ValidatingAdmissionPolicy '${name}' (?:with|denied) `)],
  [
    'mutatingPolicy',
    new RegExp(`^policy ['"]${name}['"] (?:with binding '\\S+' )?denied request: `),
  ],
  ['webhook', new RegExp(`^admission webhook "${name}" denied the request`)],
  ['brokenWebhook', new RegExp(`^Internal error occurred: failed calling webhook "${name}": `)],
] as const;

/** Read from the reasons of the causes, and from the message, of which only names are kept. */
export function refusedBy(
  message: string,
  causes: readonly Pick<StatusCause, 'reason'>[],
): RefusedBy | undefined {
  if (causes.some(({ reason }) => reason === 'NamespaceTerminating'))
    return { kind: 'terminatingNamespace' };
  const [, user, verb] = rights.exec(message) ?? [];
  if (user !== undefined && verb !== undefined)
    return { kind: 'rights', verb, user: printable.test(user) ? user : undefined };
  for (const [kind, pattern] of others) {
    const found = pattern.exec(message)?.[1];
    if (found !== undefined) return { kind, name: found };
  }
  return undefined;
}
