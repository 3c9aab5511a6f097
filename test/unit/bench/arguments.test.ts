import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readArguments, UsageError } from '../../bench/arguments.ts';

const ids = ['cold-start-ms', 'drift-p99-ms', 'many-objects.50', 'many-objects.256'];

test('without flags everything is measured as promised', () => {
  expect(readArguments([], ids)).toEqual({
    help: false,
    objects: 10_000,
    only: undefined,
    jsonFile: undefined,
    against: undefined,
    waits: true,
  });
});

test('reads how many, which and where to', () => {
  const argv = [
    '--objects',
    '1000',
    '--only',
    'drift-p99-ms,cold-start-ms',
    '--json=out.json',
    '--against',
    '../before',
    '--no-wait',
  ];

  expect(readArguments(argv, ids)).toEqual({
    help: false,
    objects: 1_000,
    only: new Set(['drift-p99-ms', 'cold-start-ms']),
    jsonFile: 'out.json',
    against: '../before',
    waits: false,
  });
});

test('an id without its part after the dot names all parts', () => {
  const { only } = readArguments(['--only', 'many-objects,cold-start-ms'], ids);

  expect(only).toEqual(new Set(['many-objects.50', 'many-objects.256', 'cold-start-ms']));
});

test.each([
  { argv: ['--objects', '99'], problem: '--objects must be a number from 100 to 100000, not 99' },
  {
    argv: ['--objects', 'many'],
    problem: '--objects must be a number from 100 to 100000, not many',
  },
  { argv: ['--objects', '1e3'], problem: '--objects must be a number from 100 to 100000, not 1e3' },
  {
    argv: ['--only', 'speed'],
    problem: `there is no figure speed; the figures are ${ids.join(', ')}`,
  },
  {
    argv: ['--only', 'many'],
    problem: `there is no figure many; the figures are ${ids.join(', ')}`,
  },
  { argv: ['--only', ','], problem: `--only needs ids of figures: ${ids.join(', ')}` },
  { argv: ['--json='], problem: '--json needs the name of a file' },
  { argv: ['--fast'], problem: "Unknown option '--fast'" },
  { argv: ['drift-p99-ms'], problem: "Unexpected argument 'drift-p99-ms'" },
])('refuses $argv', ({ argv, problem }) => {
  const read = () => readArguments(argv, ids);

  expect(read).toThrow(UsageError);
  expect(read).toThrow(new RegExp(`^${problem.replaceAll('-', '[-]')}$`));
});

test('a path without a build to compare with is wrong usage', () => {
  const bench = resolve(import.meta.dirname, '../../bench/bench.ts');

  const { status, stderr } = spawnSync(process.execPath, [bench, '--against', 'no-such-place'], {
    encoding: 'utf8',
  });

  expect(status).toBe(2);
  expect(stderr).toMatch(/^bench: --against: there is no no-such-place; [^\n]*\n$/);
});

test('the command says what is wrong in one line and ends with status 2', () => {
  const bench = resolve(import.meta.dirname, '../../bench/bench.ts');

  const { status, stdout, stderr } = spawnSync(process.execPath, [bench, '--only', 'speed'], {
    encoding: 'utf8',
  });

  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^bench: there is no figure speed; [^\n]*\n$/);
});
