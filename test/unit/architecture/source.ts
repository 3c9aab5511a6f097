import { posix } from 'node:path';
import { parseAst } from 'vitest/node';

/** A node of the syntax tree, seen generically: the rules look at a handful of its fields. */
export type Node = { readonly type: string; readonly start: number } & Readonly<
  Record<string, unknown>
>;

/** A node with the place where it stands: `key` is the field of `parent` that holds it. */
export interface Visited {
  readonly node: Node;
  readonly parent: Node | undefined;
  readonly key: string;
  readonly line: number;
}

export interface Import {
  /** As written; undefined when it is computed, so that nobody can tell what is imported. */
  readonly specifier: string | undefined;
  /** The imported names; `*` when all of them are within reach. */
  readonly names: readonly string[];
  readonly line: number;
}

export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly lineCount: number;
  readonly imports: readonly Import[];
  readonly nodes: readonly Visited[];
}

/** Reads one TypeScript file into what the rules ask about. Throws when it is no TypeScript. */
export function parseSource(path: string, text: string): SourceFile {
  const lineStarts = [...text.matchAll(/^/gm)].map((match) => match.index);
  const lineAt = (offset: number): number => lineStarts.findLastIndex((at) => at <= offset) + 1;
  const nodes: Visited[] = [];
  const root: unknown = parseAst(text, { lang: 'ts' }, path);
  if (isNode(root)) visit({ node: root, parent: undefined, key: '', line: 1 }, lineAt, nodes);
  return {
    path,
    text,
    lineCount: text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    imports: nodes.flatMap(importsOf),
    nodes,
  };
}

/** The file that a relative specifier means, from the root of the repository. */
export function resolveRelative(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier);
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** `a.b.c` for a member access that starts at a plain name, also written `a['b']?.c`. */
export function memberName(node: Node): string | undefined {
  if (node.type !== 'MemberExpression') return undefined;
  const from = node['object'];
  const object = isNode(from) ? (memberName(from) ?? nameOf(from)) : undefined;
  const property = node['computed'] === true ? literal(node['property']) : nameOf(node['property']);
  return object === undefined || property === undefined ? undefined : `${object}.${property}`;
}

/** The name of an identifier that is read as a variable, not written as a property or a key. */
export function variableName({ node, parent, key }: Visited): string | undefined {
  if (node.type !== 'Identifier') return undefined;
  const isComputed = parent?.['computed'] === true;
  const isLabel = key === 'property' || key === 'key';
  const isPartOfImport = parent?.type.startsWith('Import') === true;
  return (isLabel && !isComputed) || isPartOfImport ? undefined : nameOf(node);
}

export function nameOf(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === 'Identifier') return value['name'] as string;
  return literal(value);
}

function visit(visited: Visited, lineAt: (offset: number) => number, into: Visited[]): void {
  into.push(visited);
  for (const [key, value] of Object.entries(visited.node)) {
    for (const node of Array.isArray(value) ? value : [value]) {
      if (!isNode(node)) continue;
      visit({ node, parent: visited.node, key, line: lineAt(node.start) }, lineAt, into);
    }
  }
}

function importsOf({ node, line }: Visited): Import[] {
  const one = (source: unknown, names: readonly string[]): Import[] => [
    { specifier: literal(source), names, line },
  ];
  switch (node.type) {
    case 'ImportDeclaration':
      return one(node['source'], specifierNames(node, 'imported'));
    case 'ExportNamedDeclaration':
      return isNode(node['source']) ? one(node['source'], specifierNames(node, 'local')) : [];
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return one(node['source'], ['*']);
    case 'TSExternalModuleReference':
      return one(node['expression'], ['*']);
    case 'CallExpression':
      return nameOf(node['callee']) === 'require' ? one(firstArgument(node), ['*']) : [];
    default:
      return [];
  }
}

function specifierNames(node: Node, field: 'imported' | 'local'): readonly string[] {
  const specifiers: unknown = node['specifiers'];
  if (!Array.isArray(specifiers)) return [];
  return specifiers.map((specifier: Node) => nameOf(specifier[field]) ?? '*');
}

function firstArgument(node: Node): unknown {
  const list: unknown = node['arguments'];
  return Array.isArray(list) ? list[0] : undefined;
}

/** The text of a string literal, or of a template without placeholders. */
function literal(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === 'Literal' && typeof value['value'] === 'string') return value['value'];
  const quasis: unknown = value['quasis'];
  if (value.type !== 'TemplateLiteral' || !Array.isArray(quasis) || quasis.length !== 1) {
    return undefined;
  }
  return (quasis[0] as { readonly value: { readonly cooked: string } }).value.cooked;
}
