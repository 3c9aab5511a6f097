/** What we write of https://learn.microsoft.com/en-us/azure/azure-resource-manager/bicep/file */
export interface BicepFile {
  readonly declarations: readonly BicepDeclaration[];
}

export interface BicepDeclaration {
  readonly kind: 'param' | 'var' | 'resource' | 'output';
  readonly symbol: string;
  /** `type@apiVersion`, of a resource. */
  readonly type: string;
  readonly isExisting: boolean;
  /** Keys of the body of a resource with what they hold. */
  readonly body: Readonly<Record<string, BicepValue>>;
  /** Names that it refers to. */
  readonly references: readonly string[];
}

export type BicepValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'expression'; readonly text: string }
  | { readonly kind: 'object'; readonly entries: Readonly<Record<string, BicepValue>> }
  | { readonly kind: 'list'; readonly items: readonly BicepValue[] };

interface Token {
  readonly kind: 'text' | 'word' | 'mark' | 'line';
  readonly text: string;
  /** What stands in each `${}` of a text. */
  readonly inner?: readonly string[];
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** @throws Error at the first character that Bicep would not take */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let rest = source;
  while (rest !== '') {
    const match =
      /^(?:[ \t]+|\/\/[^\n]*|(\n)|'((?:[^'\\\n\r$]|\\(?:[\\'nrt]|\$)|\$(?!\{)|\$\{[^}']*\})*)'|([A-Za-z_][A-Za-z0-9_]*|[0-9]+)|([=:{}[\]().,@]))/.exec(
        rest,
      );
    if (match === null) throw new Error(`no Bicep: ${rest.slice(0, 40)}`);
    const [whole, line, text, word, mark] = match;
    rest = rest.slice(whole.length);
    if (line !== undefined) tokens.push({ kind: 'line', text: line });
    if (text !== undefined) tokens.push(textToken(text));
    if (word !== undefined) tokens.push({ kind: 'word', text: word });
    if (mark !== undefined) tokens.push({ kind: 'mark', text: mark });
  }
  return tokens;
}

function textToken(escaped: string): Token {
  const text = escaped.replaceAll(/\\(.)/g, (_, letter: string) => escapes[letter] ?? letter);
  const inner = [...escaped.matchAll(/(?<!\\)\$\{([^}']*)\}/g)].map(([, one = '']) => one);
  return { kind: 'text', text, ...(inner.length > 0 ? { inner } : {}) };
}

const kinds = ['param', 'var', 'resource', 'output'] as const;
const keywords: readonly string[] = kinds;
const builtIn = ['resourceGroup', 'subscription', 'subscriptionResourceId', 'guid'];

export function readBicep(source: string): BicepFile {
  const statements = source
    .split(/\n\n/)
    .map((text) => tokensOf(text.trim()))
    .filter((tokens) => tokens.some(({ kind }) => kind === 'word'));
  return { declarations: statements.map(declarationOf) };
}

function declarationOf(tokens: readonly Token[]): BicepDeclaration {
  const start = tokens.findIndex(({ text }) => keywords.includes(text));
  const mark = tokens.findIndex(({ kind, text }) => kind === 'mark' && text === '=');
  const equals = mark < 0 ? tokens.length : mark;
  const [kind, symbol = '', type = ''] = tokens.slice(start, equals).map(({ text }) => text);
  const cursor = { tokens, at: equals + 1 };
  const value: BicepValue = mark < 0 ? { kind: 'expression', text: '' } : valueAt(cursor);
  if (cursor.at < tokens.length) throw new Error(`surplus after ${symbol}`);
  return {
    kind: kindOf(kind),
    symbol,
    type,
    isExisting: tokens[equals - 1]?.text === 'existing',
    body: value.kind === 'object' ? value.entries : {},
    references: referencesOf(tokens.slice(equals + 1)),
  };
}

function kindOf(keyword: string | undefined): BicepDeclaration['kind'] {
  const kind = kinds.find((one) => one === keyword);
  if (kind !== undefined) return kind;
  throw new Error(`no declaration: ${keyword}`);
}

interface Cursor {
  readonly tokens: readonly Token[];
  at: number;
}

function isMark({ tokens, at }: Cursor, text: string): boolean {
  return tokens[at]?.kind === 'mark' && tokens[at].text === text;
}

function skipLines(cursor: Cursor): void {
  while (cursor.tokens[cursor.at]?.kind === 'line') cursor.at += 1;
}

function valueAt(cursor: Cursor): BicepValue {
  const token = cursor.tokens[cursor.at];
  if (isMark(cursor, '{')) return objectAt(cursor);
  if (isMark(cursor, '[')) return listAt(cursor);
  if (token?.kind === 'text') {
    cursor.at += 1;
    return { kind: 'text', text: token.text };
  }
  return expressionAt(cursor);
}

function objectAt(cursor: Cursor): BicepValue {
  const entries: Record<string, BicepValue> = {};
  cursor.at += 1;
  for (skipLines(cursor); !isMark(cursor, '}'); skipLines(cursor)) {
    const key = cursor.tokens[cursor.at];
    cursor.at += 1;
    if (key?.kind !== 'word' || !isMark(cursor, ':')) throw new Error(`no key: ${key?.text}`);
    cursor.at += 1;
    entries[key.text] = valueAt(cursor);
  }
  cursor.at += 1;
  return { kind: 'object', entries };
}

function listAt(cursor: Cursor): BicepValue {
  const items: BicepValue[] = [];
  cursor.at += 1;
  skipLoop(cursor);
  for (skipLines(cursor); !isMark(cursor, ']'); skipLines(cursor)) items.push(valueAt(cursor));
  cursor.at += 1;
  return { kind: 'list', items };
}

/** `for item in list:` before what is made of each item. */
function skipLoop(cursor: Cursor): void {
  const { tokens, at } = cursor;
  if (tokens[at]?.text !== 'for') return;
  if (tokens[at + 2]?.text !== 'in' || tokens[at + 4]?.text !== ':') throw new Error('no loop');
  cursor.at += 5;
}

/** Up to the end of the line, with its brackets closed. */
function expressionAt(cursor: Cursor): BicepValue {
  let depth = 0;
  const start = cursor.at;
  while (cursor.at < cursor.tokens.length && cursor.tokens[cursor.at]?.kind !== 'line') {
    if (isMark(cursor, '(')) depth += 1;
    if (isMark(cursor, ')')) depth -= 1;
    cursor.at += 1;
  }
  if (depth !== 0 || cursor.at === start) throw new Error('no whole expression');
  return { kind: 'expression', text: textOf(cursor.tokens.slice(start, cursor.at)) };
}

const textOf = (tokens: readonly Token[]): string => tokens.map(({ text }) => text).join(' ');

function referencesOf(tokens: readonly Token[]): readonly string[] {
  const names = tokens.flatMap(({ kind, text, inner }, at) => {
    if (inner !== undefined) return inner.flatMap((one) => referencesOf(tokensOf(one)));
    const before = tokens[at - 1]?.text;
    const isKey = tokens[at + 1]?.text === ':' && before !== 'in';
    const isName = kind === 'word' && before !== '.' && !isKey;
    return isName ? [text] : [];
  });
  const ofLoops = tokens.flatMap(({ text }, at) => (tokens[at - 1]?.text === 'for' ? [text] : []));
  const known = [...builtIn, ...ofLoops, 'for', 'in', 'true', 'false'];
  return [...new Set(names)].filter((name) => !known.includes(name) && !/^[0-9]/.test(name));
}
