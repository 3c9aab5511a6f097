import type { Condition } from '../../api/condition.ts';
import { conditionOf, conditionsFrom } from '../observed/conditions.ts';
import type { Observed } from '../observed/observed.ts';
import type { ServicePrincipalIdentity } from '../observed/servicePrincipal.ts';
import { storedCredentialText, storedCredentialType as type } from '../status/storedCredential.ts';
import { rfc3339 } from '../rfc3339.ts';
import type { Plan, PlanInput } from './planned.ts';

const dayMs = 86_400_000;
/** Each is shown once: a count that went down by the day would write every status every day. */
const warningDays = [1, 3, 7, 14, 30];

/** Shows what a stored credential costs, and what a managed identity would save. */
export function warnOfStoredCredential(
  { observed, diagnosis: { access } }: PlanInput,
  plan: Plan,
): Plan {
  const { conditions } = plan.status;
  if (conditions === undefined) return plan;
  const others = conditions.filter((condition) => condition.type !== type);
  const identity = access.ok && 'credential' in access.value.identity && access.value.identity;
  if (identity === false && others.length === conditions.length) return plan;
  const warnings = identity === false ? [] : warningOf(observed, identity);
  return { ...plan, status: { ...plan.status, conditions: [...others, ...warnings] } };
}

function warningOf(
  { vaultSecret, credential, now }: Observed,
  { kind, clientId, connection, credential: { secretName } }: ServicePrincipalIdentity,
): readonly Condition[] {
  const { status, generation } = vaultSecret;
  const former = conditionOf(status, type);
  const expiresAt = credential?.certificateExpiresAt;
  // A certificate is looked at when a token is due; until then, after a restart, the former warning stays.
  if (kind === 'clientCertificate' && expiresAt === undefined && former !== undefined)
    return [{ ...former, observedGeneration: generation }];
  const use = { kind, clientId, secretName, connection };
  const message = storedCredentialText(use, expiryText(expiresAt, now));
  const reason = reasonOf(kind, expiresAt, now);
  const state = { type, status: 'True', reason, message } as const;
  return conditionsFrom({ former: status.conditions, generation, now }, [state]);
}

function reasonOf(
  kind: ServicePrincipalIdentity['kind'],
  expiresAt: number | undefined,
  now: number,
): string {
  if (kind === 'clientSecret') return 'ClientSecret';
  return daysLeft(expiresAt, now) === undefined ? 'ClientCertificate' : 'CertificateExpiresSoon';
}

function expiryText(expiresAt: number | undefined, now: number): string {
  if (expiresAt === undefined) return 'When it expires was not seen yet.';
  const date = rfc3339(Math.floor(expiresAt / 1000));
  if (expiresAt <= now) return `It expired on ${date}.`;
  const days = daysLeft(expiresAt, now);
  const soon = days === undefined ? '' : `, in less than ${days === 1 ? 'a day' : `${days} days`}`;
  return `It expires on ${date}${soon}.`;
}

/** The least of the warnings that holds; undefined while there is time. */
function daysLeft(expiresAt = Infinity, now: number): number | undefined {
  return warningDays.find((days) => expiresAt - now < days * dayMs);
}
