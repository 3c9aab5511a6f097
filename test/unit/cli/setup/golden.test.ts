import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formats, renderSetUp, type Format } from '../../../../src/cli/setup/formats.ts';
import { codeBlocks } from '../../../support/guidePage.ts';
import { boundSetUp, setUps } from './setUps.ts';

const guide = readFileSync(
  resolve(import.meta.dirname, '../../../../docs/guides/identity-bindings.md'),
  'utf8',
);

/** Read them when they change: what stands there is what people paste. */
const extensions: Readonly<Record<Format, string>> = {
  az: 'sh',
  powershell: 'ps1',
  // Not .json: the formatter would have its own way with it.
  arm: 'arm',
  bicep: 'bicep',
  portal: 'txt',
};

test('an identity binding is as it was last read', async () => {
  const text = renderSetUp(boundSetUp, 'az');

  await expect(text).toMatchFileSnapshot('golden/identity-binding.sh');
  const printed = codeBlocks(guide).find(({ mark }) => mark === 'printed by setup');
  expect(`${printed?.text}\n`).toBe(text);
});

test.each(formats.filter((format) => format !== 'az'))(
  '%s says that it knows no identity binding',
  (format) => {
    expect(() => renderSetUp(boundSetUp, format)).toThrow(
      `--as ${format} knows no identity binding, for which Microsoft has commands of the Azure CLI; choose --as az`,
    );
  },
);

describe.each(Object.entries(setUps))('the set-up %s', (name, setUp) => {
  test.each(formats)('as %s is as it was last read', async (format) => {
    const text = renderSetUp(setUp, format);

    await expect(text).toMatchFileSnapshot(`golden/${name}.${extensions[format]}`);
  });
});
