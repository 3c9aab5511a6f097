import type { SchemaNode } from '../../src/api/crd.ts';
import { errorCatalogue } from '../../src/core/errors/errorCatalogue.ts';
import { flags } from '../../src/options/flags.ts';

/** A Markdown table; cells keep to one line. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
}

/** Every field below a schema node, in the order of the schema. */
export function fieldTable(root: string, schema: SchemaNode): string {
  const rows = fieldsOf(root, schema).map(([path, node, required]) => [
    `\`${path}\``,
    typeOf(node),
    required ? 'yes' : '',
    node.description ?? '',
  ]);
  return table(['field', 'type', 'required', 'meaning'], rows);
}

type Field = readonly [path: string, node: SchemaNode, required: boolean];

function fieldsOf(path: string, node: SchemaNode): Field[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]): Field[] => {
    const below = `${path}.${name}`;
    const own: Field = [below, child, node.required?.includes(name) === true];
    const inside =
      child.items === undefined ? fieldsOf(below, child) : fieldsOf(`${below}[]`, child.items);
    return [own, ...inside];
  });
}

function typeOf({ type, items, enum: choices, additionalProperties }: SchemaNode): string {
  if (Array.isArray(choices)) return choices.map(String).join(' \\| ').replaceAll('\\|', '/');
  if (items !== undefined) return `list of ${items.type ?? 'object'}`;
  return additionalProperties === undefined ? (type ?? '') : 'map of string';
}

/** With a link to the section of each. */
export function errorIndex(): string {
  const rows = Object.entries(errorCatalogue)
    .toSorted(([, left], [, right]) => (left.code < right.code ? -1 : 1))
    .map(([reason, { code, actor, message }]) => [
      `[${code}](#${`${code}-${reason}`.toLowerCase()})`,
      reason,
      actor,
      shown(message),
    ]);
  return table(['code', 'reason', 'who acts', 'what happened'], rows);
}

/** `{name}` stands for what the condition fills in. Angle brackets would be taken for HTML. */
function shown(template: string): string {
  return template
    .replaceAll(/\{(\w+)\}/g, '*$1*')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

export function flagTable(): string {
  const rows = Object.entries(flags).map(([name, flag]) => [
    'value' in flag ? `\`--${name} ${flag.value}\`` : `\`--${name}\``,
    flag.help,
  ]);
  return table(['flag', 'meaning'], rows);
}
