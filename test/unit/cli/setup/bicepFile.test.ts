import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { armTemplate } from '../../../../src/cli/setup/armTemplate.ts';
import { bicepFile, bicepString } from '../../../../src/cli/setup/bicepFile.ts';
import { readArmTemplate } from './armReader.ts';
import { readBicep, tokensOf } from './bicepReader.ts';
import { hostileText } from './hostileText.ts';
import { setUps } from './setUps.ts';

describe.each(Object.entries(setUps))('the Bicep file of %s', (_, setUp) => {
  const { declarations } = readBicep(bicepFile(setUp));

  test('declares each name once, refers to no other, and declares none in vain', () => {
    const symbols = declarations.map(({ symbol }) => symbol);
    expect(new Set(symbols).size).toBe(symbols.length);
    const references = declarations.flatMap((declaration) => declaration.references);
    expect(symbols).toEqual(expect.arrayContaining(references));
    const idle = declarations.filter(
      ({ kind, symbol, isExisting }) =>
        (kind === 'param' || isExisting) && !references.includes(symbol),
    );
    expect(idle).toEqual([]);
  });

  test('makes what the template makes', () => {
    const { resources, outputs } = readArmTemplate(JSON.parse(armTemplate(setUp)));
    const made = declarations.filter(({ kind, isExisting }) => kind === 'resource' && !isExisting);

    expect(made.map(({ type }) => type)).toEqual(
      resources.map(({ type, apiVersion }) => `${type}@${apiVersion}`),
    );
    expect(made.map(({ body: { properties } }) => keysOf(properties))).toEqual(
      resources.map(({ properties }) => Object.keys(properties).toSorted()),
    );
    const out = declarations.filter(({ kind }) => kind === 'output');
    expect(out.map(({ symbol }) => symbol)).toEqual(Object.keys(outputs));
  });

  test('gives each resource a name, and each child its parent', () => {
    for (const { kind, type, body } of declarations.filter((one) => one.kind === 'resource')) {
      expect([kind, Object.keys(body)]).toEqual(['resource', expect.arrayContaining(['name'])]);
      const isChild = type.split('/').length > 2;
      expect(Object.hasOwn(body, 'parent')).toBe(isChild);
    }
  });
});

function keysOf(value: unknown): readonly string[] {
  const isObject = typeof value === 'object' && value !== null && 'entries' in value;
  return isObject ? Object.keys(value.entries ?? {}).toSorted() : [];
}

test('any text is one string of Bicep that says the same', () => {
  fc.assert(
    fc.property(hostileText(), (text) => {
      expect(tokensOf(bicepString(text))).toEqual([{ kind: 'text', text }]);
    }),
  );
});
