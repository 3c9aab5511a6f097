import { expect, test } from 'vitest';
import { surveyFleet } from '../../../src/core/status/fleet.ts';
import { aVaultSecret } from './builders.ts';

const ready = (status: 'True' | 'False', lastTransitionTime: string, expiresOn?: string) =>
  aVaultSecret({
    status: {
      conditions: [{ type: 'Ready', status, reason: 'R', message: 'M', lastTransitionTime }],
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

test('a fleet is counted, with its longest trouble and its next expiry', () => {
  const fleet = surveyFleet([
    aVaultSecret(),
    ready('True', '2026-11-01T00:00:00Z', '2026-12-24T00:00:00Z'),
    ready('True', '2026-11-01T00:00:00Z', '2026-12-06T00:00:00Z'),
    ready('False', '2026-11-03T00:00:00Z'),
    ready('False', '2026-11-02T00:00:00Z'),
  ]);
  expect(fleet).toEqual({
    ready: { True: 2, False: 2, Unknown: 1 },
    notReadySince: Date.parse('2026-11-02T00:00:00Z'),
    nextExpiry: Date.parse('2026-12-06T00:00:00Z'),
  });
});

test('an empty fleet has neither trouble nor expiry', () => {
  expect(surveyFleet([])).toEqual({ ready: { True: 0, False: 0, Unknown: 0 } });
});
