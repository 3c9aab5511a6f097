import { expect, test } from 'vitest';
import { surveyFleet } from '../../../src/core/status/fleet.ts';
import { aVaultSecret } from './builders.ts';

interface Seen {
  readonly status: 'True' | 'False';
  readonly since: string;
  readonly reason?: string;
  readonly expiresOn?: string;
}

const seen = ({ status, since, reason = 'R', expiresOn }: Seen) =>
  aVaultSecret({
    createdAt: Date.parse('2026-10-01T00:00:00Z'),
    status: {
      conditions: [{ type: 'Ready', status, reason, message: 'M', lastTransitionTime: since }],
      sources: [
        {
          dataKey: 'K',
          name: 'k',
          version: '1',
          ...(expiresOn === undefined ? {} : { expiresOn }),
        },
      ],
    },
  });

const unseen = (createdAt: string) => aVaultSecret({ createdAt: Date.parse(createdAt) });

test('a fleet is counted, with its longest trouble and its next expiry', () => {
  const fleet = surveyFleet([
    unseen('2026-11-04T00:00:00Z'),
    seen({ status: 'True', since: '2026-11-01T00:00:00Z', expiresOn: '2026-12-24T00:00:00Z' }),
    seen({ status: 'True', since: '2026-11-01T00:00:00Z', expiresOn: '2026-12-06T00:00:00Z' }),
    seen({ status: 'False', since: '2026-11-03T00:00:00Z' }),
    seen({ status: 'False', since: '2026-11-02T00:00:00Z' }),
  ]);
  expect(fleet).toEqual({
    ready: { True: 2, False: 2, Unknown: 1 },
    notReadySince: Date.parse('2026-11-02T00:00:00Z'),
    nextExpiry: Date.parse('2026-12-06T00:00:00Z'),
  });
});

test('one that no controller has looked at is in trouble since it exists', () => {
  expect(surveyFleet([unseen('2026-11-04T00:00:00Z')]).notReadySince).toBe(
    Date.parse('2026-11-04T00:00:00Z'),
  );
});

test('one that was suspended before its first sync is no trouble: somebody wanted it so', () => {
  const suspended = seen({ status: 'False', since: '2026-11-02T00:00:00Z', reason: 'Suspended' });
  expect(surveyFleet([suspended])).toEqual({ ready: { True: 0, False: 1, Unknown: 0 } });
});

test('an empty fleet has neither trouble nor expiry', () => {
  expect(surveyFleet([])).toEqual({ ready: { True: 0, False: 0, Unknown: 0 } });
});
