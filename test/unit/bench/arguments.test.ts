import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readArguments, UsageError } from '../../bench/arguments.ts';

const ids = ['cold-start-ms', 'drift-p99-ms'];

test('without flags everything is measured as promised', () => {
  expect(readArguments([], ids)).toEqual({
    help: false,
    objects: 10_000,
    only: undefined,
    jsonFile: undefined,
  });
});

test('reads how many, which and where to', () => {
  const argv = ['--objects', '1000', '--only', 'drift-p99-ms,cold-start-ms', '--json=out.json'];

  expect(readArguments(argv, ids)).toEqual({
    help: false,
    objects: 1_000,
    only: new Set(['drift-p99-ms', 'cold-start-ms']),
    jsonFile: 'out.json',
  });
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
    problem: 'there is no figure speed; the figures are cold-start-ms, drift-p99-ms',
  },
  { argv: ['--only', ','], problem: '--only needs ids of figures: cold-start-ms, drift-p99-ms' },
  { argv: ['--json='], problem: '--json needs the name of a file' },
  { argv: ['--fast'], problem: "Unknown option '--fast'" },
  { argv: ['drift-p99-ms'], problem: "Unexpected argument 'drift-p99-ms'" },
])('refuses $argv', ({ argv, problem }) => {
  const read = () => readArguments(argv, ids);

  expect(read).toThrow(UsageError);
  expect(read).toThrow(new RegExp(`^${problem.replaceAll('-', '[-]')}$`));
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
