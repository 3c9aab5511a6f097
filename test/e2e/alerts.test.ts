import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { shippedRules, type RuleGroup } from './shippedRules.ts';
import { readSite } from './site.ts';

const { evaluation_interval, tests } = z
  .object({ evaluation_interval: z.string(), tests: z.array(z.looseObject({ name: z.string() })) })
  .parse(parse(readFileSync(resolve(import.meta.dirname, 'alertCases.yaml'), 'utf8')));

const site = readSite();
const directory = join(site.directory, 'alerts');

beforeAll(async () => {
  await mkdir(directory, { recursive: true });
  const groups = (await shippedRules()).map(withSummariesAlone);
  await writeFile(join(directory, 'rules.yaml'), stringify({ groups }));
});

/** promtool compares all annotations, and the others are long and constant. */
function withSummariesAlone({ name, rules }: RuleGroup): object {
  const short = rules.map((rule) => ({
    ...rule,
    annotations: { summary: rule.annotations.summary },
  }));
  return { name, rules: short };
}

describe('the shipped alerts fire when they should, and not before and not after', () => {
  test.each(tests)('$name', async (oneCase) => {
    const file = join(directory, 'case.yaml');
    const content = { rule_files: ['rules.yaml'], evaluation_interval, tests: [oneCase] };
    await writeFile(file, stringify(content));

    const promtool = spawnSync(site.tools.promtool, ['test', 'rules', file], {
      encoding: 'utf8',
    });

    expect(`${promtool.stdout}${promtool.stderr}`).toContain('SUCCESS');
  });
});
