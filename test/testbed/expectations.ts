import { isDeepStrictEqual } from 'node:util';
import type { KubeClient, ObjectName } from './kubeClient.ts';
import { untilObject } from './kubeConditions.ts';
import { secrets, vaultSecrets, type Secret, type VaultSecret } from './kubeResources.ts';

export interface ExpectedCondition {
  readonly type?: 'Ready' | 'Reconciling' | 'Stalled' | 'Conflict';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
}

/** Waits until the VaultSecret has the condition, Ready unless another is named, about its newest spec. */
export function untilCondition(
  kube: KubeClient,
  at: ObjectName,
  { type = 'Ready', status, reason }: ExpectedCondition,
  timeoutMs?: number,
): Promise<VaultSecret> {
  return untilObject(kube, vaultSecrets, at, {
    what: `${type}=${status} ${reason ?? ''}`.trim(),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    holds: (vaultSecret) => {
      const found = vaultSecret?.status?.conditions?.find((condition) => condition.type === type);
      const isExpected =
        found?.status === status &&
        found.reason === (reason ?? found.reason) &&
        found.observedGeneration === vaultSecret?.metadata.generation;
      return isExpected && vaultSecret;
    },
  });
}

/** Waits until the Secret holds exactly these keys with these texts. */
export function untilSecret(
  kube: KubeClient,
  at: ObjectName,
  data: Readonly<Record<string, string>>,
  timeoutMs?: number,
): Promise<Secret> {
  return untilObject(kube, secrets, at, {
    what: `the Secret to hold the expected ${Object.keys(data).join(', ')}`,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    holds: (secret) => secret !== undefined && isDeepStrictEqual(textsOf(secret), data) && secret,
  });
}

export function textsOf({ data }: Secret): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
}
