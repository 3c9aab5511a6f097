import { z } from 'zod';

/** https://learn.microsoft.com/en-us/azure/azure-resource-manager/templates/template-expressions */
export type ArmExpression =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly arguments: readonly ArmExpression[];
      readonly properties: readonly string[];
    };

/** A value of a template as Azure reads it: text, or an expression in brackets. @throws Error */
export function readArmValue(value: string): ArmExpression {
  if (!value.startsWith('[')) return { kind: 'text', text: value };
  if (value.startsWith('[[')) return { kind: 'text', text: value.slice(1) };
  if (!value.endsWith(']')) throw new Error(`no end of expression: ${value}`);
  const [expression, rest] = readTerm(value.slice(1, -1));
  if (rest !== '') throw new Error(`surplus in ${value}: ${rest}`);
  return expression;
}

type Read = readonly [ArmExpression, string];

function readTerm(source: string): Read {
  const string = /^'((?:[^']|'')*)'(?!')/.exec(source);
  if (string !== null) {
    const [whole, text = ''] = string;
    return [{ kind: 'text', text: text.replaceAll("''", "'") }, source.slice(whole.length)];
  }
  const start = /^([a-zA-Z]+)\(/.exec(source);
  if (start === null) throw new Error(`neither string nor call: ${source}`);
  const [whole, name = ''] = start;
  let rest = source.slice(whole.length);
  const args: ArmExpression[] = [];
  while (!rest.startsWith(')')) {
    const [argument, after] = readTerm(rest);
    args.push(argument);
    rest = after.replace(/^, /, '');
  }
  const properties = /^\)((?:\.[a-zA-Z]+)*)/.exec(rest);
  const path = (properties?.[1] ?? '').split('.').slice(1);
  return [
    { kind: 'call', name, arguments: args, properties: path },
    rest.slice(1 + (properties?.[1] ?? '').length),
  ];
}

const resourceSchema = z.looseObject({
  type: z.string(),
  apiVersion: z.string(),
  name: z.string(),
  dependsOn: z.array(z.string()).default([]),
  properties: z.record(z.string(), z.unknown()).default({}),
});

const templateSchema = z.strictObject({
  $schema: z.literal(
    'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
  ),
  contentVersion: z.literal('1.0.0.0'),
  metadata: z.strictObject({ description: z.string() }).optional(),
  parameters: z.record(z.string(), z.looseObject({ type: z.literal('string') })).default({}),
  resources: z.array(resourceSchema).min(1),
  outputs: z
    .record(z.string(), z.strictObject({ type: z.literal('string'), value: z.string() }))
    .default({}),
});

export type ArmTemplate = z.infer<typeof templateSchema>;
export type ArmTemplateResource = z.infer<typeof resourceSchema>;

export function readArmTemplate(raw: unknown): ArmTemplate {
  return templateSchema.parse(raw);
}

/** The template inside a nested deployment. */
export function nestedTemplateOf({ properties }: ArmTemplateResource): ArmTemplate | undefined {
  return properties['template'] === undefined ? undefined : readArmTemplate(properties['template']);
}

/** Every text of a value, not those of a nested template, whose expressions are its own. */
export function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    key === 'template' || key === '$schema' ? [] : textsOf(part),
  );
}

/** All calls in a value, also within others. */
export function callsOf(value: unknown): readonly (ArmExpression & { kind: 'call' })[] {
  const within = (expression: ArmExpression): (ArmExpression & { kind: 'call' })[] =>
    expression.kind === 'text' ? [] : [expression, ...expression.arguments.flatMap(within)];
  return textsOf(value).flatMap((text) => within(readArmValue(text)));
}
