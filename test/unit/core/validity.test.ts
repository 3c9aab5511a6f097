import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chooseVersion,
  problemOf,
  validityProblem,
  type SecretVersion,
} from '../../../src/core/source/validity.ts';
import { now } from './builders.ts';

const seconds = now / 1_000;

function aVersion(version: string, fields: Partial<SecretVersion> = {}): SecretVersion {
  return { version, enabled: true, created: 1_000, ...fields };
}

describe('a version', () => {
  test.each([
    ['without times', {}, undefined],
    ['from the first moment of its validity', { notBefore: seconds }, undefined],
    ['a second before its validity', { notBefore: seconds + 1 }, 'notYetValid'],
    ['a second before it expires', { expiresOn: seconds + 1 }, undefined],
    ['from the very moment of its expiry', { expiresOn: seconds }, 'expired'],
    ['that began at 0', { notBefore: 0 }, undefined],
    ['that expired at 0', { expiresOn: 0 }, 'expired'],
    ['whose start was given in milliseconds', { notBefore: now }, 'notYetValid'],
    ['whose expiry was given in milliseconds', { expiresOn: now }, undefined],
    ['that can never become valid', { notBefore: seconds + 1, expiresOn: seconds - 1 }, 'expired'],
  ] as const)('%s', (_, validity, problem) => {
    expect(validityProblem(validity, now)).toBe(problem);
    expect(problemOf(aVersion('a', validity), now)).toBe(problem);
    expect(problemOf(aVersion('a', { ...validity, enabled: false }), now)).toBe('disabled');
  });
});

describe('the version to read', () => {
  const old = aVersion('b', { created: 1 });
  const disabled = aVersion('c', { created: 3, enabled: false });
  const pending = aVersion('d', { created: 4, notBefore: seconds + 60 });
  const later = aVersion('e', { created: 5, notBefore: seconds + 90 });
  const expired = aVersion('f', { created: 6, expiresOn: seconds - 60 });

  test.each([
    ['of none is none', [], {}],
    ['is the only one', [old], { usable: old, newest: old }],
    [
      'is the newest by time, whatever the ids',
      [aVersion('a', { created: 2 }), old],
      { usable: aVersion('a', { created: 2 }), newest: aVersion('a', { created: 2 }) },
    ],
    [
      'of two within a second is the same in any order',
      [aVersion('x'), aVersion('y')],
      { usable: aVersion('y'), newest: aVersion('y') },
    ],
    ['passes over a disabled one', [old, disabled], { usable: old, newest: disabled }],
    ['passes over an expired one', [old, expired], { usable: old, newest: expired }],
    [
      'passes over one that is not valid yet, until it is',
      [old, pending],
      { usable: old, newest: pending, supersededAt: seconds + 60 },
    ],
    [
      'gives way to the first of those that become valid',
      [old, pending, later],
      { usable: old, newest: later, supersededAt: seconds + 60 },
    ],
    [
      'is not told of an older one that becomes valid',
      [pending, aVersion('z', { created: 9 })],
      { usable: aVersion('z', { created: 9 }), newest: aVersion('z', { created: 9 }) },
    ],
    ['is none when none is usable', [disabled, expired], { newest: expired }],
    [
      'is none until the first becomes valid',
      [disabled, later, pending],
      { newest: later, supersededAt: seconds + 60 },
    ],
    [
      'is not told of a disabled one that would become valid',
      [old, aVersion('g', { created: 8, enabled: false, notBefore: seconds + 9 })],
      {
        usable: old,
        newest: aVersion('g', { created: 8, enabled: false, notBefore: seconds + 9 }),
      },
    ],
  ])('%s', (_, versions, choice) => {
    expect(chooseVersion(versions, now)).toEqual(choice);
    expect(chooseVersion(versions.toReversed(), now)).toEqual(choice);
  });

  test('of two within a second is the one that came later, where that is known', () => {
    const [x, y] = [aVersion('x', { notBefore: seconds + 60 }), aVersion('y')];

    expect(chooseVersion([x, y], now)).toEqual({ usable: y, newest: y });
    expect(chooseVersion([x, y], now, { newest: 'x' })).toEqual({
      usable: y,
      newest: x,
      supersededAt: seconds + 60,
    });
    expect(chooseVersion([x, y], (seconds + 60) * 1_000, { newest: 'x' }).usable).toBe(x);
  });

  describe('of two within a second, behind one that was put in advance,', () => {
    const [x, y, older] = [aVersion('x'), aVersion('y'), aVersion('a', { created: 999 })];
    const advance = aVersion('b', { created: 1_000, notBefore: seconds + 60 });
    const choose = (inUse: string | undefined, at = now) =>
      chooseVersion([x, advance, older, y], at, { newest: 'b', inUse });

    test.each([
      ['the one in use stays', 'x', x],
      ['the one in use stays, whatever its id', 'y', y],
      ['the greater id is taken while none of them is in use', undefined, y],
      ['the greater id is taken when an older one is in use', 'a', y],
    ])('%s', (_, inUse, usable) => {
      expect(choose(inUse)).toEqual({ usable, newest: advance, supersededAt: seconds + 60 });
      expect(choose(inUse, (seconds + 60) * 1_000).usable).toBe(advance);
    });

    test('the other is taken once the one in use cannot be', () => {
      const disabled = { ...y, enabled: false };
      const known = { newest: 'b', inUse: 'y' };
      expect(chooseVersion([x, advance, disabled], now, known).usable).toBe(x);
    });
  });

  const time = fc.option(fc.integer({ min: seconds - 20, max: seconds + 20 }), { nil: undefined });
  const someVersions = fc
    .uniqueArray(
      fc.record({
        version: fc.integer({ min: 0, max: 99 }),
        enabled: fc.constantFrom(true, true, false),
        created: fc.integer({ min: 0, max: 5 }),
        notBefore: time,
        expiresOn: time,
      }),
      { selector: ({ version }) => version, maxLength: 8 },
    )
    .map((versions) =>
      versions.map(({ version, enabled, created, notBefore, expiresOn }): SecretVersion => ({
        version: String(version),
        enabled,
        created,
        ...(notBefore === undefined ? {} : { notBefore }),
        ...(expiresOn === undefined ? {} : { expiresOn }),
      })),
    );

  test('may be used, and none that is newer may', () => {
    fc.assert(
      fc.property(someVersions, (versions) => {
        const { usable } = chooseVersion(versions, now);
        const allUsable = versions.filter((version) => problemOf(version, now) === undefined);
        expect(usable === undefined).toBe(allUsable.length === 0);
        for (const { created } of allUsable)
          expect(created).toBeLessThanOrEqual(usable?.created ?? -1);
      }),
    );
  });

  test('stays the same until the moments that are told, its own expiry and its succession', () => {
    fc.assert(
      fc.property(someVersions, fc.integer({ min: 0, max: 45_000 }), (versions, laterMs) => {
        const { usable, supersededAt = Infinity } = chooseVersion(versions, now);
        const until = Math.min(usable?.expiresOn ?? Infinity, supersededAt) * 1_000;
        const next = chooseVersion(versions, Math.min(now + laterMs, until - 1));
        expect(next.usable).toEqual(usable);
      }),
    );
  });
});
