import { describe, expect, test } from 'vitest';
import type { CatalogueEntry } from '../../../src/core/errors/catalogueEntry.ts';
import {
  errorCatalogue,
  isDefinite,
  type ErrorReason,
} from '../../../src/core/errors/errorCatalogue.ts';
import {
  explain,
  explained,
  ReconcileError,
  remedyOf,
  toReconcileError,
} from '../../../src/core/errors/errors.ts';
import { anError } from './someErrors.ts';

const entries: readonly (readonly [string, CatalogueEntry])[] = Object.entries(errorCatalogue);
const reasons = Object.keys(errorCatalogue) as readonly ErrorReason[];

/** What only the reader can know: an Azure resource that nobody told the controller of, or a file. */
const blanks = [
  '<Secret of others>',
  '<UUID>',
  '<credential>',
  '<its ServiceAccount>',
  '<its certificate authority>',
  '<namespace of the controller>',
  '<network of the cluster>',
  '<subnet>',
  '<address from which the cluster reaches Azure>',
  '<cluster>',
  '<client id of the application>',
  '<client id of the managed identity>',
  '<file>',
  '<cluster>',
  '<group>',
  '<host>',
  '<ServiceAccount>',
  '<value>',
  '<managed identity>',
  '<scale set>',
  '<tenant id>',
  '<time>',
];

describe('the error catalogue', () => {
  test('gives each code to one reason', () => {
    const codes = entries.map(([, { code }]) => code);

    expect(codes).toEqual([...new Set(codes)]);
  });

  test.each(entries)('lists %s in words that a condition may carry', (reason, entry) => {
    expect(entry.code).toMatch(/^VS[1-9]\d\d$/);
    // https://github.com/kubernetes/apimachinery: the pattern of a condition's reason.
    expect(reason).toMatch(/^[A-Z][A-Za-z]{0,62}$/);
    expect(entry.message).toMatch(/[.]$/);
    expect(entry.remedy).not.toBe('');
    expect(`${entry.message}${entry.remedy}`.replaceAll(/\{\w+\}/g, '')).not.toMatch(/[{}]/);
  });

  test('calls definite exactly what somebody must end', () => {
    const definite = reasons.filter(isDefinite);

    expect(definite).toEqual(
      entries
        .filter(([, { retry }]) => retry !== 'backoff' && retry !== 'throttled')
        .map(([reason]) => reason),
    );
    expect(entries.filter(([, { actor }]) => actor !== 'nobody').map(([reason]) => reason)).toEqual(
      expect.arrayContaining(definite),
    );
  });
});

describe('an explanation', () => {
  test.each(reasons)('of %s begins with its code and has no hole in it', (reason) => {
    const text = explain(anError(reason));

    expect(text).toMatch(new RegExp(`^${errorCatalogue[reason].code}: \\S`));
    expect(text).not.toMatch(/[{}]|undefined|\[object/);
    expect(blanks).toEqual(expect.arrayContaining(text.match(/<[^>]*>/g) ?? []));
  });

  test.each(reasons)('of %s can be read back', (reason) => {
    const error = anError(reason);
    const read = explained(reason, explain(error));

    expect(read?.message).toBe(error.message);
    expect(read && remedyOf(read)).toBe(remedyOf(error));
    expect(error.details).toMatchObject(
      Object.fromEntries(
        Object.entries(read?.details ?? {}).map(([name, text]) => [
          name,
          typeof error.details[name] === 'number' ? Number(text) : text,
        ]),
      ),
    );
  });

  test.each([
    ['SecretImmutable', 'VS407: In the words of another version.'],
    ['SecretImmutable', explain(anError('SecretImmutable')).slice(1)],
    ['OfAnotherVersion', explain(anError('SecretImmutable'))],
    ['toString', 'VS407: text'],
  ])('of %s in other words is none: %s', (reason, text) => {
    expect(explained(reason, text)).toBeUndefined();
  });

  test('cannot be thrown without a detail that it needs', () => {
    const details = { serviceAccount: 'shop' };
    // @ts-expect-error The compiler misses `namespace`.
    const error = new ReconcileError('ServiceAccountNotFound', { details });

    expect(error.reason).toBe('ServiceAccountNotFound');
  });

  test.each(reasons)('of %s fits into an event', (reason) => {
    expect(Buffer.byteLength(explain(anError(reason)))).toBeLessThan(1024);
  });
});

describe('a thrown thing', () => {
  test('that is explained already stays as it is', () => {
    const error = anError('KeyVaultForbidden');

    expect(toReconcileError(error)).toBe(error);
  });

  test.each([
    ['an Error', new RangeError('p4ssw0rd'), 'RangeError'],
    ['a string', 'p4ssw0rd', 'string'],
    ['nothing', undefined, 'undefined'],
  ])('that is %s becomes an internal error without its text', (_, thrown, cause) => {
    const error = toReconcileError(thrown);

    expect(error.reason).toBe('InternalError');
    expect(error.cause).toBe(thrown);
    expect(explain(error)).toContain(`(${cause})`);
    expect(explain(error)).not.toContain('p4ssw0rd');
    expect(error.message).not.toContain('p4ssw0rd');
  });

  test('keeps how long a service asked us to wait', () => {
    expect(anError('KeyVaultThrottled', 7_000).retryAfterMs).toBe(7_000);
    expect(anError('KeyVaultThrottled').retryAfterMs).toBeUndefined();
  });
});
