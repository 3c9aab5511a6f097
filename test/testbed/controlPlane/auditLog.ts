import { readFile, writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { z } from 'zod';

const writeVerbs = ['create', 'update', 'patch', 'delete', 'deletecollection'] as const;

/** One write that the API server was asked for, without its body. */
export interface RecordedWrite {
  readonly user: string;
  readonly verb: (typeof writeVerbs)[number];
  /** With subresource: "secrets", "vaultsecrets/status", "serviceaccounts/token". */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly status: number;
  /**
   * When it was answered. That can be long after it came in: the API server sleeps for two seconds before it takes
   * the first object of a CRD that is younger than that.
   * https://github.com/kubernetes/apiextensions-apiserver/blob/v0.36.3/pkg/apiserver/customresource_handler.go
   */
  readonly at: string;
}

/** Every write with its user and target; no bodies, which would carry values. */
export async function writeAuditPolicy(file: string): Promise<void> {
  const policy = {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived', 'ResponseStarted'],
    rules: [{ level: 'Metadata', verbs: [...writeVerbs] }],
  };
  await writeFile(file, stringify(policy));
}

/** https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/ */
const auditEvent = z
  .object({
    user: z.object({ username: z.string() }),
    verb: z.enum(writeVerbs),
    objectRef: z.object({
      resource: z.string(),
      subresource: z.string().optional(),
      namespace: z.string().default(''),
      name: z.string().default(''),
    }),
    responseStatus: z.object({ code: z.number() }),
    stageTimestamp: z.string(),
  })
  .transform(({ user, verb, objectRef, responseStatus, stageTimestamp }): RecordedWrite => ({
    user: user.username,
    verb,
    resource: [objectRef.resource, objectRef.subresource].filter(Boolean).join('/'),
    namespace: objectRef.namespace,
    name: objectRef.name,
    status: responseStatus.code,
    at: stageTimestamp,
  }));

/** The dry run of a patch only asks whether something holds. */
function isComparison(event: unknown): boolean {
  const { verb, requestURI } = z.object({ verb: z.string(), requestURI: z.string() }).parse(event);
  return verb === 'patch' && requestURI.includes('dryRun=All');
}

/**
 * The writes that a user (of everybody when not given) asked for, in the order of their answers. The API
 * server records before it answers, so a write that was answered is here.
 */
export async function readWrites(auditLog: string, user?: string): Promise<RecordedWrite[]> {
  const lines = (await readFile(auditLog, 'utf8')).split('\n');
  // The last line is empty, or being written.
  const events = lines.slice(0, -1).map((line): unknown => JSON.parse(line));
  const writes = events.filter((event) => !isComparison(event)).map((one) => auditEvent.parse(one));
  return user === undefined ? writes : writes.filter((write) => write.user === user);
}
