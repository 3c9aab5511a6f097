import { describe, expect, test } from 'vitest';
import { armTemplate } from '../../../../src/cli/setup/armTemplate.ts';
import { resourceTypes } from '../../../../src/cli/setup/resourceTypes.ts';
import type { SetUp } from '../../../../src/cli/setup/setUp.ts';
import {
  callsOf,
  nestedTemplateOf,
  readArmTemplate,
  readArmValue,
  type ArmExpression,
  type ArmTemplate,
  type ArmTemplateResource,
} from './armReader.ts';
import { setUps } from './setUps.ts';

const elsewhere: Readonly<Record<string, SetUp>> = Object.fromEntries(
  Object.entries(setUps).map(([name, setUp]) => [
    `${name}, the vault elsewhere`,
    { ...setUp, vault: { ...setUp.vault, resourceGroup: 'vaults' } },
  ]),
);

/** What the template reference demands of each, besides name, type and apiVersion: see resourceTypes.ts. */
const required: Readonly<Record<string, readonly string[]>> = {
  [resourceTypes.identity.type]: ['location'],
  [resourceTypes.federatedCredential.type]: [
    'properties.audiences',
    'properties.issuer',
    'properties.subject',
  ],
  [resourceTypes.roleAssignment.type]: [
    'scope',
    'properties.principalId',
    'properties.principalType',
    'properties.roleDefinitionId',
  ],
  [resourceTypes.accessPolicies.type]: ['properties.accessPolicies'],
  [resourceTypes.deployment.type]: [
    'resourceGroup',
    'properties.mode',
    'properties.parameters',
    'properties.template',
  ],
};

function templatesOf(template: ArmTemplate): readonly ArmTemplate[] {
  return [template, ...template.resources.flatMap((one) => nestedTemplateOf(one) ?? [])];
}

const idOf = ({ type, name }: ArmTemplateResource): string => {
  const names = name.split('/').map((part) => `'${part}'`);
  return `[resourceId('${type}', ${names.join(', ')})]`;
};

const parameterOf = ({ arguments: [first] }: ArmExpression & { kind: 'call' }): string =>
  first?.kind === 'text' ? first.text : '';

describe.each(Object.entries({ ...setUps, ...elsewhere }))('the template of %s', (_, setUp) => {
  const templates = templatesOf(readArmTemplate(JSON.parse(armTemplate(setUp))));

  test('holds only resources that are known, with stable versions and all they need', () => {
    for (const resource of templates.flatMap(({ resources }) => resources)) {
      expect(required).toHaveProperty([resource.type]);
      expect(resource.apiVersion).toMatch(/^\d{4}-\d\d-\d\d$/);
      for (const path of required[resource.type] ?? []) expect(resource).toHaveProperty(path);
    }
  });

  test('names children by all of their parents', () => {
    const written = templates
      .flatMap(({ resources }) => resources)
      .filter(({ name }) => !name.startsWith('['));
    const depths = written.map(({ name }) => name.split('/').length);
    expect(depths).toEqual(written.map(({ type }) => type.split('/').length - 1));
  });

  test('depends only on what it makes, and on all of it that it reads', () => {
    for (const { resources } of templates) {
      const made = new Set(resources.map(idOf));
      for (const resource of resources) {
        for (const id of resource.dependsOn) expect(made).toContain(id);
        const { dependsOn: _dependsOn, ...rest } = resource;
        const read = [...made].filter(
          (id) => id !== idOf(resource) && JSON.stringify(rest).includes(id.slice(1, -1)),
        );
        expect(resource.dependsOn).toEqual(expect.arrayContaining(read));
      }
    }
  });

  test('uses each parameter that it declares, and no other', () => {
    for (const { parameters, resources, outputs } of templates) {
      const calls = callsOf({ resources, outputs });
      const used = calls.filter(({ name }) => name === 'parameters').map(parameterOf);
      expect(new Set(used)).toEqual(new Set(Object.keys(parameters)));
    }
  });

  test('gives a nested template the parameters that it declares', () => {
    const all = templates.flatMap(({ resources }) => resources);
    const given = all.map(({ properties }) => Object.keys(properties['parameters'] ?? {}));
    const declared = all.map((one) => Object.keys(nestedTemplateOf(one)?.parameters ?? {}));
    expect(given).toEqual(declared);
  });
});

describe('a text of a template', () => {
  test.each(["it's", '[resourceGroup().location]', '[[x', "a'), reference('b"])(
    '%s is read as text',
    (text) => {
      const setUp = setUps['service-account'];
      if (setUp?.identity.kind !== 'userAssigned') throw new Error('no such set-up');
      const identity = { ...setUp.identity, name: text };
      const template = readArmTemplate(JSON.parse(armTemplate({ ...setUp, identity })));

      const name = template.resources[0]?.name ?? '';
      expect(readArmValue(name)).toEqual({ kind: 'text', text });
      const ids = callsOf(template.resources).filter(
        ({ name: called, arguments: [type] }) =>
          called === 'resourceId' && type?.kind === 'text' && type.text.endsWith('Identities'),
      );
      expect(ids.length).toBeGreaterThan(2);
      for (const id of ids) expect(id.arguments[1]).toEqual({ kind: 'text', text });
    },
  );
});
