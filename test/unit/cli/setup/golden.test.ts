import { describe, expect, test } from 'vitest';
import { formats, renderSetUp, type Format } from '../../../../src/cli/setup/formats.ts';
import { setUps } from './setUps.ts';

/** Read them when they change: what stands there is what people paste. */
const extensions: Readonly<Record<Format, string>> = {
  az: 'sh',
  powershell: 'ps1',
  // Not .json: the formatter would have its own way with it.
  arm: 'arm',
  bicep: 'bicep',
  portal: 'txt',
};

describe.each(Object.entries(setUps))('the set-up %s', (name, setUp) => {
  test.each(formats)('as %s is as it was last read', async (format) => {
    const text = renderSetUp(setUp, format);

    await expect(text).toMatchFileSnapshot(`golden/${name}.${extensions[format]}`);
  });
});
