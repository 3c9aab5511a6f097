/**
 * A version of a secret as a listing shows it. Times are whole seconds since the Unix epoch, as Key Vault keeps them:
 * it takes any number, and stops nobody from reading a version outside them.
 * https://learn.microsoft.com/en-us/azure/key-vault/secrets/about-secrets#secret-attributes
 */
export interface SecretVersion extends Validity {
  readonly version: string;
  readonly enabled: boolean;
  readonly created: number;
}

export interface Validity {
  readonly notBefore?: number;
  readonly expiresOn?: number;
}

/** Why a version is not to be used. */
export type Unusable = 'disabled' | 'notYetValid' | 'expired';

/** What becomes of the versions of one secret at one moment. */
export interface VersionChoice {
  /** The newest that may be used now. */
  readonly usable?: SecretVersion;
  readonly newest?: SecretVersion;
  /** Seconds: a version newer than the usable one becomes valid, and takes its place. */
  readonly supersededAt?: number;
}

/** `now` in milliseconds. A version is valid from the first moment of `notBefore` until that of `expiresOn`. */
export function validityProblem(
  { notBefore, expiresOn }: Validity,
  now: number,
): 'notYetValid' | 'expired' | undefined {
  if (expiresOn !== undefined && expiresOn * 1000 <= now) return 'expired';
  return notBefore !== undefined && notBefore * 1000 > now ? 'notYetValid' : undefined;
}

export function problemOf(version: SecretVersion, now: number): Unusable | undefined {
  return version.enabled ? validityProblem(version, now) : 'disabled';
}

/** What is known of the order of versions besides their times. */
export interface KnownVersions {
  /** An unversioned read answered it. */
  readonly newest?: string | undefined;
  /** The Secret holds it. */
  readonly inUse?: string | undefined;
}

/**
 * Versions are listed by id, not by time, and times are whole seconds. Of those created within one second the newest is
 * the one that an unversioned read answered. Among the others the version in use goes first: a version that is put in
 * advance must not change the value before its time. Without one of these the greater id, so that the choice stays the same.
 */
export function chooseVersion(
  versions: readonly SecretVersion[],
  now: number,
  { newest: newestId, inUse }: KnownVersions = {},
): VersionChoice {
  const isFirst = (id: string, known: string | undefined): number => (id === known ? 1 : 0);
  const newestFirst = versions.toSorted(
    (left, right) =>
      isFirst(right.version, newestId) - isFirst(left.version, newestId) ||
      right.created - left.created ||
      isFirst(right.version, inUse) - isFirst(left.version, inUse) ||
      (left.version < right.version ? 1 : -1),
  );
  const index = newestFirst.findIndex((version) => problemOf(version, now) === undefined);
  const newer = index === -1 ? newestFirst : newestFirst.slice(0, index);
  const starts = newer.flatMap((version) =>
    problemOf(version, now) === 'notYetValid' ? [version.notBefore ?? Infinity] : [],
  );
  const [newest] = newestFirst;
  const usable = newestFirst[index];
  return {
    ...(usable === undefined ? {} : { usable }),
    ...(newest === undefined ? {} : { newest }),
    ...(starts.length === 0 ? {} : { supersededAt: Math.min(...starts) }),
  };
}
