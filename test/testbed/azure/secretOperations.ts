import { z } from 'zod';
import type { Answer } from './httpAnswer.ts';
import { stateOf } from './secretLifecycle.ts';
import { secretBundle, secretId, secretProperties, type BundleScope } from './secretBundles.ts';
import { requestErrors, vaultErrorAnswer, type VaultError } from './vaultErrors.ts';
import {
  putVersion,
  type SecretVersion,
  type StoredSecret,
  type Vault,
  type VersionInput,
} from './vaultStore.ts';

/** What one operation on a vault is given, and what it answers. */
export interface OperationInput extends BundleScope {
  name: string;
  version: string | undefined;
  query: URLSearchParams;
  nowMs: number;
}

export const fail = vaultErrorAnswer;
export const ok = (body: object): Answer => ({ status: 200, body });

const attributesSchema = z.object({
  enabled: z.boolean().optional(),
  nbf: z.number().optional(),
  exp: z.number().optional(),
});
const updateSchema = z.object({
  contentType: z.string().optional(),
  attributes: attributesSchema.optional(),
  tags: z.record(z.string(), z.string()).optional(),
});
const setSchema = updateSchema.extend({ value: z.string() });

/** Largest value the service takes (learn.microsoft.com, about secrets: 25 KB). */
const largestValueBytes = 25_600;

/** The secret, when GET may see it: not while deleted, nor straight after recover. */
export function activeSecret({ vault, name, nowMs }: OperationInput): StoredSecret | undefined {
  const secret = vault.secrets.get(name.toUpperCase());
  if (secret === undefined || stateOf(vault, secret, nowMs) !== 'active') return undefined;
  return secret;
}

function notFound({ vault, name, version }: OperationInput): Answer {
  return fail(
    requestErrors.secretNotFound(vault, version === undefined ? name : `${name}/${version}`),
  );
}

export function getSecret(input: OperationInput): Answer {
  const secret = activeSecret(input);
  const version = secret && versionOf(secret, input.version);
  if (secret === undefined || version === undefined) return notFound(input);
  if (!version.enabled) return fail(requestErrors.disabled());
  const wanted = input.query.get('outContentType');
  if (wanted === null) return ok(secretBundle(input, secret.name, version));
  if (version.pem === undefined) return fail(requestErrors.notConvertible());
  const converted = { ...version, value: version.pem, contentType: wanted };
  return ok(secretBundle(input, secret.name, converted));
}

function versionOf(secret: StoredSecret, id: string | undefined): SecretVersion | undefined {
  return id === undefined ? secret.newest : secret.versions.get(id);
}

export function setSecret(input: OperationInput, text: string): Answer {
  const body = parse(setSchema, text);
  if (body.kind === 'error') return fail(body.error);
  const { value, contentType, tags, attributes = {} } = body.value;
  if (Buffer.byteLength(value) > largestValueBytes) {
    return fail(requestErrors.invalidBody('value'));
  }
  const refusal = refuseName(input.vault, input.name, input.nowMs);
  if (refusal !== undefined) return fail(refusal);
  const { enabled, nbf, exp } = attributes;
  const seconds = Math.floor(input.nowMs / 1000);
  const version = putVersion(
    input.vault,
    input.name,
    { value, contentType, tags, enabled, notBefore: nbf, expires: exp },
    seconds,
  );
  return ok(secretBundle(input, storedName(input), version));
}

/** Why the name cannot take a new version, if it cannot. */
function refuseName(vault: Vault, name: string, nowMs: number): VaultError | undefined {
  const isManaged = vault.secrets.get(name.toUpperCase())?.newest.managed === true;
  return refuseState(vault, name, nowMs) ?? (isManaged ? requestErrors.managed('set') : undefined);
}

/** A name is blocked from the moment of deletion to the end of the purge. */
export function refuseState(vault: Vault, name: string, nowMs: number): VaultError | undefined {
  const known = vault.secrets.get(name.toUpperCase());
  const state = known && stateOf(vault, known, nowMs);
  if (state === 'beingDeleted') return requestErrors.beingDeletedForSet(name);
  const isDeleted = state === 'nameBlocked' || state === 'deleted';
  return isDeleted ? requestErrors.deletedButRecoverable(name) : undefined;
}

function storedName({ vault, name }: OperationInput): string {
  return vault.secrets.get(name.toUpperCase())?.name ?? name;
}

/** Keeps what was not sent; without a version the newest one is changed. */
export function updateSecret(input: OperationInput, text: string): Answer {
  const body = parse(updateSchema, text);
  if (body.kind === 'error') return fail(body.error);
  const secret = activeSecret(input);
  const version = secret && versionOf(secret, input.version);
  if (secret === undefined || version === undefined) return notFound(input);
  const { contentType, tags, attributes = {} } = body.value;
  const { enabled, nbf, exp } = attributes;
  changeVersion(version, { contentType, tags, enabled, notBefore: nbf, expires: exp }, input.nowMs);
  return ok(secretProperties(input, secret.name, version, version.id));
}

type VersionChange = Omit<VersionInput, 'value' | 'pem' | 'managed'>;

/** What is undefined in the change stays. */
export function changeVersion(version: SecretVersion, change: VersionChange, nowMs: number): void {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  Object.assign(version, Object.fromEntries(given), { updated: Math.floor(nowMs / 1000) });
}

export function secretIdOfNewest(
  vault: Vault,
  secret: Pick<StoredSecret, 'name' | 'newest'>,
): string {
  return secretId(vault, secret.name, secret.newest.id);
}

export function parse<T>(
  schema: z.ZodType<T>,
  text: string,
): { kind: 'parsed'; value: T } | { kind: 'error'; error: VaultError } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: 'error', error: requestErrors.invalidBody('body') };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { kind: 'parsed', value: parsed.data };
  const path = parsed.error.issues[0]?.path.join('.') ?? 'body';
  return { kind: 'error', error: requestErrors.invalidBody(path) };
}
