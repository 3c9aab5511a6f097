import { expect, test } from 'vitest';
import { run } from './programCache.ts';

/** More than a pipe holds. */
const input = 'x'.repeat(1_000_000);

test('a program that ends before it has read all is told of by its status alone', async () => {
  await expect(run('/bin/sh', ['-c', 'exit 3'], { input })).rejects.toThrow('ended with 3');
  await expect(run('/bin/sh', ['-c', 'echo done'], { input })).resolves.toEqual({
    stdout: 'done\n',
  });
});
