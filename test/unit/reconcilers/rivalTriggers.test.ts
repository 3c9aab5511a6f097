import { describe, expect, test } from 'vitest';
import type { ObservedSecret, VaultSecret } from '../../../src/core/observed/observed.ts';
import { targetName } from '../../../src/core/observed/target.ts';
import type { Stored } from '../../../src/ports/stored.ts';
import { onSecret, onVaultSecret } from '../../../src/reconcilers/triggers.ts';
import { anObservedSecret, aVaultSecret } from '../core/builders.ts';

function stored(body: VaultSecret): Stored<VaultSecret> {
  const { namespace, name, uid } = body;
  return { metadata: { namespace, name, uid, resourceVersion: '1' }, body };
}

/** Which VaultSecrets are looked at when one of them becomes `object`. */
function triggered(
  object: VaultSecret,
  change: Partial<Parameters<typeof onVaultSecret>[0]> = {},
  others: readonly VaultSecret[] = [],
  watched: readonly Stored<ObservedSecret>[] = [],
) {
  const all = [object, ...others];
  const vaultSecrets = {
    get: () => undefined,
    list: () => [],
    upsert: () => undefined,
    remove: () => undefined,
    byIndex: (_index: string, value: string) =>
      all.filter((one) => `shop/${targetName(one)}` === value).map(stored),
  };
  const base = { type: 'updated', initial: false, ownWrite: false } as const;
  const secrets = {
    ...vaultSecrets,
    byIndex: (_index: string, value: string) => watched.filter(({ body }) => body.owner === value),
    get: (_namespace: string, name: string) => watched.find(({ body }) => body.name === name),
  };
  const resources = { vaultSecrets, secrets };
  const triggers = onVaultSecret({ ...base, object: stored(object), ...change }, resources);
  return triggers.map(({ requestKey, urgency }) => `${requestKey} ${urgency}`).toSorted();
}

describe('a change of a VaultSecret', () => {
  const before = aVaultSecret();
  const previous = stored(before);
  const rival = aVaultSecret({ name: 'rival', uid: 'r', spec: { target: { name: 'shop' } } });
  const renamed = aVaultSecret({ generation: 2, spec: { target: { name: 'new' } } });
  const other = aVaultSecret({ name: 'new', uid: 'o' });

  test('looks also at those that want the same Secret, before or after it', () => {
    expect(triggered(renamed, { previous }, [rival, other])).toEqual([
      'shop/new change',
      'shop/rival change',
      'shop/shop edit',
    ]);
  });

  test.each<readonly [string, VaultSecret, Parameters<typeof triggered>[1]]>([
    ['begins to want', before, { type: 'added' }],
    ['wants no more', renamed, { previous }],
    ['leaves behind', before, { type: 'deleted', previous }],
  ])('looks also at the owner of a Secret that it %s', (_, object, change) => {
    const body = anObservedSecret({ owner: 'shop/former' });
    const elsewhere = anObservedSecret({ name: 'new', owner: 'other/foreign' });
    const watched = [body, elsewhere].map((one) => ({ metadata: one, body: one }));

    expect(triggered(object, change, [], watched)).toEqual([
      'shop/former change',
      'shop/shop edit',
    ]);
  });

  test('looks also at those that want a Secret that it made and left, when it is resumed', () => {
    const left = [
      anObservedSecret({ name: 'former', owner: 'shop/shop' }),
      anObservedSecret({ name: 'former', namespace: 'other', owner: 'shop/shop' }),
    ];
    const watched = left.map((one) => ({ metadata: one, body: one }));
    const heir = aVaultSecret({ name: 'heir', uid: 'h', spec: { target: { name: 'former' } } });
    const suspended = stored(aVaultSecret({ spec: { suspend: true } }));
    const resumed = aVaultSecret({ generation: 2 });

    expect(triggered(resumed, { previous: suspended }, [heir, rival], watched)).toEqual([
      'shop/heir change',
      'shop/rival change',
      'shop/shop edit',
    ]);
  });

  test.each<readonly [string, Parameters<typeof triggered>[1]]>([
    ['comes', { type: 'added' }],
    ['goes', { type: 'deleted', previous }],
    ['is made anew', { previous: stored(aVaultSecret({ uid: 'uid-0' })) }],
  ])('looks also at its rivals when it %s', (_, change) => {
    expect(triggered(before, change, [rival])).toEqual(['shop/rival change', 'shop/shop edit']);
  });

  test.each<readonly [string, Parameters<typeof triggered>[1], readonly string[]]>([
    ['is of the first list, when all are looked at anyway', { initial: true }, ['shop/shop start']],
    ['is one of its status', { previous }, []],
    ['is our own write', { previous, ownWrite: true }, []],
  ])('looks at no other when it %s', (_, change, expected) => {
    expect(triggered(before, change, [rival])).toEqual(expected);
  });
});

test('a Secret concerns also those that merged into it, or did before', () => {
  const vaultSecrets = {
    get: () => undefined,
    list: () => [],
    upsert: () => undefined,
    remove: () => undefined,
    byIndex: () => [],
  };
  const secret = (...owners: readonly string[]) => {
    const marks = owners.map((owner) => ({ uid: owner, owner }));
    const body = anObservedSecret({ owner: 'shop/whole', marks });
    return { metadata: body, body };
  };
  const change = {
    type: 'updated',
    object: secret('shop/a', 'other/b'),
    previous: secret('shop/c'),
    initial: false,
    ownWrite: false,
  } as const;

  expect(onSecret(change, { vaultSecrets }).map(({ requestKey }) => requestKey)).toEqual([
    'shop/whole',
    'shop/a',
    'shop/c',
  ]);
});
