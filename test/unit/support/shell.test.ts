import { expect, test } from 'vitest';
import { parseCommand } from '../../support/remedies/commandFlags.ts';
import { runShell } from '../../support/remedies/shell.ts';

async function wordsOf(text: string): Promise<readonly (readonly string[])[]> {
  const ran: (readonly string[])[] = [];
  await runShell(text, async (words) => {
    ran.push(words);
    return `${words.join('+')}\n`;
  });
  return ran;
}

test.each<readonly [string, readonly (readonly string[])[]]>([
  ['a  b', [['a', 'b']]],
  [`a 'b "c" $(d)' "e f"g`, [['a', 'b "c" $(d)', 'e fg']]],
  ['a && b c', [['a'], ['b', 'c']]],
  [
    'a "x $(b "$(c d)") y"',
    [
      ['c', 'd'],
      ['b', 'c+d'],
      ['a', 'x b+c+d y'],
    ],
  ],
  [`a '{"k":"'"$(b)"'"}'`, [['b'], ['a', '{"k":"b"}']]],
])('a shell takes %s apart', async (text, expected) => {
  expect(await wordsOf(text)).toEqual(expected);
});

test.each(['a <b>', 'a | b', 'a; b', `a 'b`, 'a "b', 'a $(b', 'a & b', 'a $b', 'a)', 'a *'])(
  'a shell refuses %s',
  async (text) => {
    await expect(wordsOf(text)).rejects.toThrow('a shell would not take this');
  },
);

test('a flag that a command does not have is refused', () => {
  const words = ['keyvault', 'show', '--name', 'v'];

  expect(parseCommand(words, ['name']).value('name')).toBe('v');
  expect(() => parseCommand(words, [])).toThrow('no flag --name');
  expect(() => parseCommand([...words, 'w'], ['name']).value('name')).toThrow('one value');
});
