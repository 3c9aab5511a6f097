import { posix } from 'node:path';
import {
  BANNED_NAMES,
  CORE_FOLDERS,
  LAYERS,
  MAX_LINES,
  PACKAGE_OWNERS,
  RESTRICTED_GLOBALS,
  type RestrictedGlobal,
} from './layers.ts';
import {
  type Import,
  memberName,
  nameOf,
  type Node,
  resolveRelative,
  type SourceFile,
  variableName,
  type Visited,
} from './source.ts';

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly what: string;
  readonly why: string;
}

/** One rule of the architecture; its name is the sentence that the test prints. */
export interface Rule {
  readonly name: string;
  readonly check: (files: readonly SourceFile[]) => readonly Finding[];
}

type Complaint = readonly [line: number, what: string, why: string];
type Root = 'src' | 'test';

const WHY_ANY = 'use `unknown` and parse it, or name the type';
const WHY_UNKNOWN = 'add it to LAYERS in test/unit/architecture/layers.ts, with its reason';
const WHY_CIRCLE = 'one of them knows too much: move what both need below them';
const WHY_ORDER =
  'add it to CORE_FOLDERS in test/unit/architecture/layers.ts, or move what both need';
const WHY_SYNCHRONOUS = 'core decides on values in hand; waiting is for observe, fetch and apply';

export const RULES: readonly Rule[] = [
  perFile('a folder of src imports only the folders below it', ['src'], foldersImported),
  perFile('a folder of core imports only those before it', ['src'], coreFoldersImported),
  perFile('a package is imported only by the folder that owns it', ['src'], packagesImported),
  perFile('api, core and ports keep to the modules of Node they may use', ['src'], nodeImported),
  { name: 'no file imports itself in a circle', check: findCycles },
  perFile('time, randomness, environment and process have one user each', ['src'], globalsUsed),
  perFile('core is synchronous', ['src'], asyncCore),
  perFile('there is no `any`', ['src', 'test'], nodesOfType('TSAnyKeyword', '`any`', WHY_ANY)),
  perFile(
    'there is no non-null assertion',
    ['src', 'test'],
    nodesOfType(
      'TSNonNullExpression',
      '`!`',
      'handle the missing value, or let the type rule it out',
    ),
  ),
  perFile(
    'there is no enum',
    ['src', 'test'],
    nodesOfType(
      'TSEnumDeclaration',
      'enum',
      'Node cannot strip it; use a union of string literals',
    ),
  ),
  perFile('there is no default export', ['src', 'test'], defaultExports),
  perFile('a file stays short', ['src', 'test'], tooLong),
  perFile('a file or folder is named for what it holds', ['src', 'test'], vagueNames),
  perFile('checks are not switched off by a comment', ['src'], waivers),
  perFile('tests use fakes and the stand-in, never module mocks', ['test'], moduleMocks),
];

export function format({ path, line, what, why }: Finding, rule: string): string {
  return `${path}:${line} ${what}: ${why}. [${rule}]`;
}

function perFile(
  name: string,
  roots: readonly Root[],
  complain: (file: SourceFile) => readonly Complaint[],
): Rule {
  const concerned = ({ path }: SourceFile): boolean => roots.some((r) => path.startsWith(`${r}/`));
  const findings = (file: SourceFile): Finding[] =>
    complain(file).map(([line, what, why]) => ({ path: file.path, line, what, why }));
  return { name, check: (files) => files.filter(concerned).flatMap(findings) };
}

/** `src/kube/watch.ts` and `src/main.ts` belong to the layers `kube` and `main`. */
function layerOf(path: string): string {
  const [root, first = ''] = path.split('/');
  return root === 'src' ? first.replace(/[.]ts$/, '') : (root ?? '');
}

function foldersImported(file: SourceFile): Complaint[] {
  const from = layerOf(file.path);
  const layer = LAYERS[from];
  if (!layer) return [[1, `src/${from} has no place in the architecture`, WHY_UNKNOWN]];
  return file.imports.flatMap(({ specifier, line }): Complaint[] => {
    if (specifier === undefined)
      return [[line, 'computed import', 'nobody can check its direction']];
    if (!specifier.startsWith('.')) return [];
    const target = resolveRelative(file.path, specifier);
    const to = layerOf(target);
    if (target.startsWith('src/') && (to === from || layer.mayImport.includes(to))) return [];
    return [[line, `${from} imports ${target.startsWith('src/') ? to : target}`, layer.why]];
  });
}

/** A file of core that lies in no folder is like a folder before all others. */
function coreFoldersImported(file: SourceFile): Complaint[] {
  const from = coreFolderOf(file.path);
  if (from === undefined) return [];
  const rank = CORE_FOLDERS.indexOf(from);
  if (from !== '' && rank < 0) return [[1, `src/core/${from} has no rank`, WHY_ORDER]];
  return file.imports.flatMap(({ specifier, line }): Complaint[] => {
    const to = specifier?.startsWith('.')
      ? coreFolderOf(resolveRelative(file.path, specifier))
      : undefined;
    if (to === undefined || to === '' || CORE_FOLDERS.indexOf(to) <= rank) return [];
    return [[line, `core/${from} imports core/${to}`, WHY_ORDER]];
  });
}

/** `''` for a file that lies in core itself, undefined outside core. */
function coreFolderOf(path: string): string | undefined {
  const [root, layer, folder, file] = path.split('/');
  if (root !== 'src' || layer !== 'core') return undefined;
  return file === undefined ? '' : folder;
}

function packagesImported(file: SourceFile): Complaint[] {
  return packagesOf(file).flatMap(({ name, line }): Complaint[] => {
    const owners = PACKAGE_OWNERS[name];
    if (owners?.includes(layerOf(file.path))) return [];
    const why = owners
      ? `only ${owners.join(', ')} may know it, the rest goes through a port`
      : 'name its owner in test/unit/architecture/layers.ts and justify it in the README';
    return [[line, `import of ${name}`, why]];
  });
}

function packagesOf(file: SourceFile): { readonly name: string; readonly line: number }[] {
  return file.imports.flatMap(({ specifier, line }) => {
    if (specifier === undefined || /^([.]|node:)/.test(specifier)) return [];
    const [first = '', second = ''] = specifier.split('/');
    return [{ name: first.startsWith('@') ? `${first}/${second}` : first, line }];
  });
}

function nodeImported(file: SourceFile): Complaint[] {
  const layer = LAYERS[layerOf(file.path)];
  if (!layer || layer.node === 'any') return [];
  const allowed: readonly string[] = layer.node === 'none' ? [] : layer.node;
  return file.imports
    .filter(({ specifier = '' }) => specifier.startsWith('node:') && !allowed.includes(specifier))
    .map(({ specifier, line }) => [line, `import of ${specifier}`, layer.why]);
}

function findCycles(files: readonly SourceFile[]): Finding[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const findings: Finding[] = [];
  const follow = (file: SourceFile, trail: readonly string[]): void => {
    for (const { specifier, line } of file.imports) {
      const target = specifier?.startsWith('.') ? resolveRelative(file.path, specifier) : '';
      const start = [...trail, file.path].indexOf(target);
      const next = byPath.get(target);
      if (start >= 0) {
        const circle = [...[...trail, file.path].slice(start), target].join(' → ');
        findings.push({ path: file.path, line, what: `circle ${circle}`, why: WHY_CIRCLE });
      } else if (next && !done.has(target)) {
        follow(next, [...trail, file.path]);
      }
    }
    done.add(file.path);
  };
  for (const file of files) if (!done.has(file.path)) follow(file, []);
  return findings;
}

function globalsUsed(file: SourceFile): Complaint[] {
  const layer = layerOf(file.path);
  return RESTRICTED_GLOBALS.filter(({ allowedIn }) => !allowedIn.includes(layer)).flatMap(
    (restricted) => [
      ...file.nodes.flatMap((visited): Complaint[] => {
        const name = globalName(visited);
        return name !== undefined && restricted.names.includes(name)
          ? [[visited.line, name, restricted.why]]
          : [];
      }),
      ...file.imports
        .filter((imported) => importsRestricted(imported, restricted))
        .map(({ line, specifier }): Complaint => [line, `import of ${specifier}`, restricted.why]),
    ],
  );
}

/** The global that a node reaches, `Date.now` also for `new Date()`, which reads the clock too. */
function globalName(visited: Visited): string | undefined {
  const { node, parent, key } = visited;
  if (readsClock(node)) return 'Date.now';
  const member = memberName(node)?.replace(/^globalThis[.]/, '');
  if (member !== undefined) return member;
  const isObjectOfMember = key === 'object' && parent?.type === 'MemberExpression';
  // `ReturnType<typeof setTimeout>` names a type and starts nothing.
  return isObjectOfMember || key === 'exprName' ? undefined : variableName(visited);
}

function readsClock(node: Node): boolean {
  if (nameOf(node['callee']) !== 'Date') return false;
  const given: unknown = node['arguments'];
  return node.type === 'CallExpression' || (Array.isArray(given) && given.length === 0);
}

function importsRestricted(
  { specifier = '', names }: Import,
  { modules }: RestrictedGlobal,
): boolean {
  const closed = modules[specifier];
  return closed !== undefined && (closed.includes('*') || names.some((n) => closed.includes(n)));
}

function asyncCore(file: SourceFile): Complaint[] {
  if (layerOf(file.path) !== 'core') return [];
  return file.nodes.flatMap((visited): Complaint[] => {
    const { node, line } = visited;
    if (node['async'] === true) return [[line, 'async function', WHY_SYNCHRONOUS]];
    if (node.type === 'AwaitExpression' || node['await'] === true) {
      return [[line, 'await', WHY_SYNCHRONOUS]];
    }
    const isPromise = /^Promise(Like)?$/.test(variableName(visited) ?? '');
    return isPromise ? [[line, 'Promise', WHY_SYNCHRONOUS]] : [];
  });
}

function nodesOfType(type: string, what: string, why: string) {
  return (file: SourceFile): Complaint[] =>
    file.nodes.filter(({ node }) => node.type === type).map(({ line }) => [line, what, why]);
}

function defaultExports(file: SourceFile): Complaint[] {
  return file.nodes
    .filter(
      ({ node }) =>
        node.type === 'ExportDefaultDeclaration' ||
        (node.type === 'ExportSpecifier' && nameOf(node['exported']) === 'default'),
    )
    .map(({ line }) => [line, 'default export', 'a thing has one name everywhere']);
}

function tooLong({ path, lineCount }: SourceFile): Complaint[] {
  const limit = MAX_LINES[path.startsWith('src/') ? 'src' : 'test'];
  if (lineCount <= limit) return [];
  return [[limit + 1, `${lineCount} lines`, `the limit is ${limit}: split it by noun`]];
}

function vagueNames({ path }: SourceFile): Complaint[] {
  const names = path.split('/').map((part) => part.replace(/([.]test)?[.]ts$/, ''));
  const vague = names.filter((name) => BANNED_NAMES.includes(name.toLowerCase()));
  const barrel = path.startsWith('src/') && posix.basename(path) === 'index.ts';
  return [
    ...vague.map((name): Complaint => [1, `the name "${name}"`, 'it says nothing and only grows']),
    ...(barrel
      ? [[1, 'barrel index.ts', 'import the file that you mean'] satisfies Complaint]
      : []),
  ];
}

function waivers({ text }: SourceFile): Complaint[] {
  return text.split('\n').flatMap((content, index): Complaint[] => {
    const waiver = /@ts-(ignore|nocheck|expect-error)|(ox|es)lint-disable|(v8|c8) ignore/.exec(
      content,
    );
    return waiver ? [[index + 1, waiver[0], 'change the code, or the rule for everybody']] : [];
  });
}

function moduleMocks(file: SourceFile): Complaint[] {
  return file.nodes
    .filter(({ node }) => /^vi[.](do)?[mM]ock$/.test(memberName(node) ?? ''))
    .map(({ line }) => [
      line,
      'module mock',
      'it agrees with every mistake; use a fake of the port',
    ]);
}
