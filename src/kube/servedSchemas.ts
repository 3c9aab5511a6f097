import { z } from 'zod';
import {
  clusterVaultConnectionCrd,
  schemaNode,
  vaultConnectionCrd,
  vaultSecretCrd,
  type SchemaNode,
} from '../api/crd.ts';
import { group, version } from '../api/meta.ts';
import { someNames } from '../core/someNames.ts';
import { KubeApiError } from '../ports/kube.ts';
import type { Clock, Log } from '../ports/system.ts';
import { PreflightError } from './preflight.ts';
import type { ApiClient } from './request.ts';

export interface SchemaCheckDeps {
  readonly api: ApiClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly controllerVersion: string;
}

/** The API server publishes a CRD that was upgraded with us a moment after it serves it. */
const publishedWithinMs = 5_000;
const pauseMs = 500;

const path = `/openapi/v3/apis/${group}/${version}`;
const documentSchema = z.object({
  components: z.object({ schemas: z.record(z.string(), schemaNode) }),
});

/**
 * Refuses CRDs that are older than this controller: the API server drops unknown fields of a spec without a word, and of
 * our status, which then differs for ever. Newer ones have all that is needed.
 * Reads what ClusterRole system:discovery shows to everybody, so no right to read CRDs is asked for; does without where
 * that is shut: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#discovery-roles
 * @throws PreflightError
 */
export async function checkSchemas(deps: SchemaCheckDeps, signal: AbortSignal): Promise<void> {
  const { clock, log, controllerVersion } = deps;
  if (signal.aborted) return;
  try {
    const until = clock.now() + publishedWithinMs;
    let missing = await missingFields(deps.api, signal);
    while (missing.length > 0 && clock.now() < until) {
      await clock.sleep(pauseMs, signal);
      missing = await missingFields(deps.api, signal);
    }
    if (missing.length > 0) throw new PreflightError(problemOf(missing, controllerVersion));
  } catch (thrown) {
    if (signal.aborted) return;
    if (!(thrown instanceof KubeApiError || thrown instanceof z.ZodError)) throw thrown;
    const status = thrown instanceof KubeApiError ? thrown.status : undefined;
    log.warn('the schemas of the CRDs cannot be compared with our own', { status });
  }
}

function problemOf(missing: readonly string[], controllerVersion: string): string {
  return `the CustomResourceDefinitions are older than this controller (${controllerVersion}) and would drop ${someNames(missing)} without a word: upgrade them by the chart (crds.install: true), or by kubectl apply --server-side --force-conflicts -f crds/`;
}

/** By kind and path, such as VaultSecret.spec.data[].decode. */
async function missingFields(api: ApiClient, signal: AbortSignal): Promise<readonly string[]> {
  const { schemas } = documentSchema.parse(
    await api.send({ method: 'GET', path, signal }),
  ).components;
  return [vaultSecretCrd(), vaultConnectionCrd(), clusterVaultConnectionCrd()].flatMap((crd) => {
    const { kind } = crd.spec.names;
    const served = Object.entries(schemas).find(([name]) => name.endsWith(`.${kind}`))?.[1];
    const own = crd.spec.versions[0]?.schema.openAPIV3Schema;
    // One that is not served at all is missed, where it is needed, when it is listed.
    return served === undefined || own === undefined ? [] : fieldsMissing(own, served, kind);
  });
}

/** The topmost of each branch that only the first has. */
function fieldsMissing(own: SchemaNode, served: SchemaNode, at: string): readonly string[] {
  const inside = Object.entries(own.properties ?? {}).flatMap(([name, field]) => {
    const other = served.properties?.[name];
    return other === undefined ? [`${at}.${name}`] : fieldsMissing(field, other, `${at}.${name}`);
  });
  const { items } = own;
  const ofItems = items === undefined ? [] : fieldsMissing(items, served.items ?? {}, `${at}[]`);
  return [...inside, ...ofItems];
}
