import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorCatalogue, type ErrorReason } from '../../src/core/errors/errorCatalogue.ts';
import { explain } from '../../src/core/errors/errors.ts';
import { anError } from './core/someErrors.ts';
import { errorCauses } from './errorCauses.ts';

const root = resolve(import.meta.dirname, '../..');
const textOf = (file: string): string => readFileSync(resolve(root, file), 'utf8');
const page = textOf('docs/errors.md');
const reasons = Object.keys(errorCatalogue) as readonly ErrorReason[];

describe('every error', () => {
  test.each(reasons)('%s has one section, with the message as it is shown', (reason) => {
    const { code } = errorCatalogue[reason];
    const sections = page.split('\n### ').filter((section) => section.startsWith(`${code} `));

    expect(sections).toHaveLength(1);
    expect(sections[0]).toContain(`${code} ${reason}\n`);
    expect(sections[0]).toContain(explain(anError(reason)));
  });

  test.each(reasons)('%s is caused by a test', (reason) => {
    const [file, title] = errorCauses[reason];
    const text = textOf(file);

    expect(title).not.toBe('');
    expect(text).toContain(title);
    expect(text).toMatch(new RegExp(`\\b${reason}\\b`));
  });
});
