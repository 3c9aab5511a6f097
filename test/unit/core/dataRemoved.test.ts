import { describe, expect, test } from 'vitest';
import { graceMs } from '../../../src/core/plan/absence.ts';
import type { Observed } from '../../../src/core/observed/observed.ts';
import { parseRecord } from '../../../src/core/secret/recordFormat.ts';
import { aPair, both, data, keysOf, looks, withoutB } from './absentObjects.ts';
import {
  afterwards,
  aKeyVaultSecret,
  aMemory,
  decide,
  edited,
  targetOf,
  versionTwo,
  type Vault,
} from './builders.ts';

describe.each(['Merge', 'Delete'] as const)(
  'with policy %s, one of two objects that is gone',
  (policy) => {
    const { plan, after } = looks(aPair(policy), [0, withoutB], [graceMs, withoutB]);
    const later = (vault: Vault) =>
      decide({ ...after, now: after.now + 1, memory: { ...after.memory, refreshAt: 0 } }, vault);

    test('takes its data along, and is named', () => {
      expect(keysOf(after)).toEqual(['A']);
      expect(parseRecord(targetOf(after).record)).toMatchObject({ gone: ['b'] });
      expect(plan.status).toMatchObject({
        gone: ['b'],
        sources: [{ dataKey: 'A', name: 'a' }],
        conditions: [
          {
            type: 'Ready',
            status: 'True',
            message:
              'Secret shop holds 1 key from https://shop-prod.vault.azure.net. Key Vault does not have b any more.',
          },
        ],
      });
      expect(plan.events).toMatchObject([{ type: 'Normal', reason: 'DataRemoved' }]);
      expect(plan.events[0]?.note).toContain('does not have b any more: the data left Secret shop');
    });

    test('costs nothing more, and holds up nothing', () => {
      expect(later(withoutB)).toMatchObject({ secret: { kind: 'keep' }, events: [] });
      expect(later(withoutB).status).toEqual(plan.status);
      const rotated = { ...withoutB, a: aKeyVaultSecret({ name: 'a', version: versionTwo }) };
      expect(later(rotated)).toMatchObject({
        secret: { kind: 'apply' },
        events: [{ reason: 'SecretUpdated' }],
      });
    });

    test('is not needed to make a Secret again that somebody deleted, by a process that starts anew', () => {
      const plan2 = decide({ ...after, target: undefined, memory: aMemory() }, withoutB);

      expect(plan2).toMatchObject({ secret: { kind: 'apply' }, status: { gone: ['b'] } });
    });

    test('is not needed to follow an edit of the spec', () => {
      const more = [...data, { dataKey: 'C', secret: { name: 'a' } }];
      const next = edited(after, { data: more });

      expect(keysOf(afterwards(next, decide(next, withoutB)))).toEqual(['A', 'C']);
    });

    test('brings its data back with it, also over a foreign key of that name', () => {
      const target = targetOf(after);
      const [ours] = target.managers;
      const managers = [
        ...target.managers,
        { ...ours, name: 'foreign', operation: 'Update', dataKeys: ['B'] },
      ];
      for (const found of [after, { ...after, target: { ...target, managers } }] as Observed[]) {
        const back = decide({ ...found, memory: aMemory({ refreshAt: 0 }) }, both);
        expect(back.secret).toMatchObject({ kind: 'apply' });
        expect(back.events.at(-1)).toMatchObject({ reason: 'SecretUpdated' });
        expect(back.status.gone).toBeUndefined();
        expect(keysOf(afterwards(found, back))).toEqual(['A', 'B']);
      }
    });

    test('has its time again when it goes a second time', () => {
      const back = afterwards(after, later(both));
      const again = decide({ ...back, memory: { ...back.memory, refreshAt: 0 } }, withoutB);

      expect(again).toMatchObject({
        secret: { kind: 'keep' },
        error: { reason: 'KeyVaultSecretGone' },
      });
    });

    test('is an error again once the policy is Retain', () => {
      const next = edited(after, { target: { deletionPolicy: 'Retain' } });

      expect(decide(next, withoutB)).toMatchObject({
        secret: { kind: 'keep' },
        error: { reason: 'KeyVaultSecretNotFound' },
      });
    });
  },
);
