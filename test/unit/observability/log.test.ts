import { expect, test } from 'vitest';
import { createLog } from '../../../src/observability/log.ts';

function aLog(level: string) {
  const lines: string[] = [];
  return { log: createLog(level, { write: (line) => lines.push(line) }), lines };
}

test('a line is JSON: a time, the name of the level, a constant message, and keys', () => {
  const { log, lines } = aLog('info');
  log.info('secret written', { action: 'apply', size: 3, late: undefined });
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    action: 'apply',
    size: 3,
    msg: 'secret written',
  });
});

test('a child repeats what it was given on each of its lines', () => {
  const { log, lines } = aLog('info');
  const child = log.child({ vaultSecret: 'shop/a' }).child({ reconcileID: '1' });
  child.warn('failed');
  child.error('failed again', { code: 'VS301' });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'warn', vaultSecret: 'shop/a', reconcileID: '1', msg: 'failed' },
    { level: 'error', vaultSecret: 'shop/a', code: 'VS301', msg: 'failed again' },
  ]);
});

test('lines below the level are not written', () => {
  const { log, lines } = aLog('warn');
  log.debug('no');
  log.info('no');
  log.warn('yes');
  expect(lines).toHaveLength(1);
});

test('a level that is changed at run time counts for children too, also those made before', () => {
  const { log, lines } = aLog('warn');
  const child = log.child({ vaultSecret: 'shop/a' });
  child.debug('no');
  expect(log.setLevel('debug')).toBe(true);
  child.debug('yes');
  log.debug('yes');
  expect(log.setLevel('warn')).toBe(true);
  child.info('no');
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['yes', 'yes']);
});

test('a level that does not exist changes nothing', () => {
  const { log, lines } = aLog('warn');
  expect(log.setLevel('loud')).toBe(false);
  log.warn('yes');
  expect(lines).toHaveLength(1);
});
