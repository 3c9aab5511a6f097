import { describe, expect, test } from 'vitest';

import type { Reply } from '../support/standInWorld.ts';
import { explains } from './differences.ts';
import type { Exchange } from './recording.ts';

const reply = (body: object): Reply => ({ status: 400, headers: {}, body });

function anExchange(evidence: 'recorded' | 'documented', body: object): Exchange {
  return {
    id: 'a/1',
    sequence: 'a',
    step: 1,
    kind: 'token-400',
    evidence,
    request: { method: 'POST', host: 'h', path: '/t/oauth2/v2.0/token', headers: {}, body: null },
    response: { status: 400, headers: {}, body },
  };
}

describe('a value that the recorder replaced', () => {
  const reason = { kind: 'replaced', path: ['error', 'code'] } as const;
  const recorded = anExchange('recorded', { error: { code: 'Sanitized', message: 'm' } });

  test.each([
    ['explains that alone', recorded, { error: { code: 'BadParameter', message: 'm' } }, true],
    ['explains nothing else', recorded, { error: { code: 'BadParameter', message: 'n' } }, false],
    ['explains no missing value', recorded, { error: { message: 'm' } }, false],
    [
      'is out of date once both are alike',
      recorded,
      { error: { code: 'Sanitized', message: 'm' } },
      false,
    ],
    [
      'is no reason where nothing was recorded',
      anExchange('documented', { error: { code: 'Sanitized', message: 'm' } }),
      { error: { code: 'BadParameter', message: 'm' } },
      false,
    ],
  ])('%s', (_what, exchange, body, expected) => {
    expect(explains(reason, exchange, reply(body))).toBe(expected);
  });
});

describe('a value that a quote left out', () => {
  const reason = { kind: 'leftOut', path: ['error_uri'] } as const;
  const quoted = anExchange('documented', { error: 'e', trace_id: 't' });
  const whole = { error: 'e', trace_id: 't', error_uri: 'u' };

  test.each([
    ['explains that alone', quoted, whole, true],
    ['explains nothing else', quoted, { ...whole, error: 'f' }, false],
    ['is out of date once both are alike', quoted, { error: 'e', trace_id: 't' }, false],
    [
      'is no reason where it is quoted',
      anExchange('documented', { ...whole, error_uri: 'v' }),
      whole,
      false,
    ],
    ['is no reason for a recording', { ...quoted, evidence: 'recorded' }, whole, false],
  ])('%s', (_what, exchange, body, expected) => {
    expect(explains(reason, exchange, reply(body))).toBe(expected);
  });
});

describe('a text of an earlier service', () => {
  const old = anExchange('recorded', {
    error_description: 'old',
    timestamp: '2019-05-06 07:08:09Z',
  });
  const body = { error_description: 'new', timestamp: '2026-01-02 03:04:05Z' };

  test.each([
    ['explains another text', '2020-01-01', body, true],
    ['explains nothing else', '2020-01-01', { ...body, error: 'e' }, false],
    ['is no reason for what is of a later day', '2019-01-01', body, false],
    [
      'is out of date once both are alike',
      '2020-01-01',
      { ...body, error_description: 'old' },
      false,
    ],
  ])('%s', (_what, until, given, expected) => {
    expect(explains({ kind: 'earlierText', until }, old, reply(given))).toBe(expected);
  });
});
