import { forbiddenSecretTypes, isReservedKey } from '../../api/forbidden.ts';
import { missingDataKeys } from '../../api/secretTypes.ts';
import type { VaultSecretSpec } from '../../api/vaultSecret.ts';
import { targetType } from '../observed/target.ts';
import type { SpecProblem } from '../observed/problem.ts';

/**
 * What the schema refuses as well: a VaultSecret that was stored before the schema did must not pass either,
 * and a Secret must not be replaced by one that the API server will not take.
 */
export function specProblem(spec: VaultSecretSpec): SpecProblem | undefined {
  const problem = accessProblem(spec) ?? mergeProblem(spec);
  if (problem !== undefined) return problem;
  const type = targetType(spec);
  if (forbiddenSecretTypes.includes(type))
    return { field: 'spec.target.type', problem: 'must not be a credential type' };
  const missing = missingDataKeys(
    type,
    spec.data.map(({ dataKey }) => dataKey),
  );
  if (missing !== undefined)
    return { field: 'spec.data', problem: `must have the data key ${missing} for type ${type}` };
  return (
    reservedKeyProblem('labels', spec.target?.labels) ??
    reservedKeyProblem('annotations', spec.target?.annotations)
  );
}

function accessProblem(spec: VaultSecretSpec): SpecProblem | undefined {
  const { vaultUrl, vaultConnectionRef, serviceAccountName } = spec;
  const vaults = [vaultUrl, vaultConnectionRef].filter((given) => given !== undefined).length;
  const isVaultNeeded = spec.data.some(({ secret }) => secret !== undefined);
  if (vaults > 1 || (vaults === 0 && isVaultNeeded))
    return { field: 'spec', problem: 'must have either vaultUrl or vaultConnectionRef' };
  const isReaderMissing = vaultConnectionRef === undefined && serviceAccountName === undefined;
  return isReaderMissing
    ? {
        field: 'spec',
        problem: 'must have serviceAccountName, unless vaultConnectionRef names one',
      }
    : undefined;
}

/** What is set once for the whole Secret is not ours to set there. */
function mergeProblem({ target }: VaultSecretSpec): SpecProblem | undefined {
  if (target?.creationPolicy !== 'Merge') return undefined;
  if (target.deletionPolicy === 'Delete')
    return {
      field: 'spec.target.deletionPolicy',
      problem: 'must not be Delete with creationPolicy Merge',
    };
  const field = (['type', 'labels', 'annotations'] as const).find(
    (one) => target[one] !== undefined,
  );
  return field === undefined
    ? undefined
    : { field: `spec.target.${field}`, problem: 'must not be set with creationPolicy Merge' };
}

function reservedKeyProblem(
  field: 'labels' | 'annotations',
  entries: Readonly<Record<string, string>> = {},
): SpecProblem | undefined {
  const key = Object.keys(entries).find(isReservedKey);
  return key === undefined
    ? undefined
    : { field: `spec.target.${field}`, problem: `must not set the reserved key ${key}` };
}
