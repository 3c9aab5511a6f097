import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { table } from './tables.ts';

/** The chart's values: this schema is their only source. */
const schemaFile = resolve(import.meta.dirname, '../../deploy/helm/values.schema.json');
const setByHelm = 'global';

interface ValueNode {
  readonly description?: string | undefined;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, ValueNode>> | undefined;
}

const valueNode: z.ZodType<ValueNode> = z.lazy(() =>
  z.looseObject({
    description: z.string().optional(),
    default: z.unknown().optional(),
    properties: z.record(z.string(), valueNode).optional(),
  }),
);

function valuesOf(node: ValueNode): [name: string, node: ValueNode][] {
  return Object.entries(node.properties ?? {}).filter(([name]) => name !== setByHelm);
}

/** A group has values inside; whatever has a default is given as a whole. */
function isGroup(node: ValueNode): boolean {
  return node.properties !== undefined && node.default === undefined;
}

function readSchema(): ValueNode {
  return valueNode.parse(JSON.parse(readFileSync(schemaFile, 'utf8')));
}

export function valuesYaml(): string {
  const blocks = valuesOf(readSchema()).map(([name, node]) => block(name, node, '').join('\n'));
  return `# Generated from values.schema.json by \`npm run generate\`.\n\n${blocks.join('\n\n')}\n`;
}

function block(name: string, node: ValueNode, indent: string): string[] {
  const comment = wrap(node.description ?? '', 98 - indent.length).map(
    (line) => `${indent}# ${line}`,
  );
  if (isGroup(node)) {
    const inside = valuesOf(node).flatMap(([key, child]) => block(key, child, `${indent}  `));
    return [...comment, `${indent}${name}:`, ...inside];
  }
  const yaml = stringify({ [name]: node.default }, { singleQuote: true, lineWidth: 0 }).trimEnd();
  return [...comment, ...yaml.split('\n').map((line) => indent + line)];
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ').filter((part) => part !== '')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width)
      lines.push(`${lines.pop()} ${word}`);
    else lines.push(word);
  }
  return lines;
}

export function valuesTable(): string {
  const rows = (node: ValueNode, path: string): string[][] =>
    valuesOf(node).flatMap(([name, child]) =>
      isGroup(child)
        ? rows(child, `${path}${name}.`)
        : [[`\`${path}${name}\``, `\`${JSON.stringify(child.default)}\``, child.description ?? '']],
    );
  return table(['value', 'default', 'meaning'], rows(readSchema(), ''));
}

export function valuesPage(): string {
  return [
    '# Values of the Helm chart',
    'Generated from `deploy/helm/values.schema.json` by `npm run generate`. Helm refuses what does not fit the schema, a misspelt name included.',
    valuesTable(),
  ]
    .join('\n\n')
    .concat('\n');
}
