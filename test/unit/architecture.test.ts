import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LAYERS, PACKAGE_OWNERS } from './architecture/layers.ts';
import { format, RULES } from './architecture/rules.ts';
import { parseSource, type SourceFile } from './architecture/source.ts';

const ROOT = resolve(import.meta.dirname, '../..');

describe('this repository', () => {
  const files: SourceFile[] = [];
  const unreadable: string[] = [];
  for (const name of globSync('{src,test}/**/*.ts', { cwd: ROOT })) {
    const path = name.replaceAll('\\', '/');
    try {
      files.push(parseSource(path, readFileSync(resolve(ROOT, path), 'utf8')));
    } catch (error) {
      unreadable.push(`${path}: ${String(error)}`);
    }
  }

  test('is TypeScript throughout', () => {
    expect(unreadable).toEqual([]);
  });

  test.each(RULES)('$name', ({ name, check }) => {
    expect(check(files).map((finding) => format(finding, name))).toEqual([]);
  });

  test('gives every runtime dependency an owner, and owns nothing that is gone', () => {
    const { dependencies } = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    expect(Object.keys(PACKAGE_OWNERS).toSorted()).toEqual(Object.keys(dependencies).toSorted());
  });

  test('has no two folders that may import each other', () => {
    const mutual = Object.entries(LAYERS).flatMap(([a, { mayImport }]) =>
      mayImport.filter((b) => LAYERS[b]?.mayImport.includes(a)).map((b) => `${a} ↔ ${b}`),
    );
    expect(mutual).toEqual([]);
  });
});

/** Code in the given file, and what the rules must say about it: `line what`. */
type Case = readonly [path: string, code: string, ...expected: string[]];

function findingsIn(sources: Readonly<Record<string, string>>): string[] {
  const files = Object.entries(sources).map(([path, code]) => parseSource(path, code));
  return RULES.flatMap(({ check }) => check(files)).map(({ line, what }) => `${line} ${what}`);
}

function title(path: string, code: string): string {
  return `${path} ${code.trim() || `of ${code.length} lines`}`;
}

const OFFENCES: Readonly<Record<string, readonly Case[]>> = {
  'a folder of src imports only the folders below it': [
    ['src/core/a.ts', `import type { K } from '../ports/kube.ts';`, '1 core imports ports'],
    ['src/api/a.ts', `export * from '../core/plan.ts';`, '1 api imports core'],
    ['src/kube/a.ts', `import '../keyvault/b.ts';`, '1 kube imports keyvault'],
    ['src/runtime/a.ts', `import { e } from '../core/errors.ts';`, '1 runtime imports core'],
    [
      'src/reconcilers/a.ts',
      `const m = () => import('../kube/b.ts');`,
      '1 reconcilers imports kube',
    ],
    ['src/ports/a.ts', `type T = import('../kube/b.ts').T;`, '1 ports imports kube'],
    ['src/kube/a.ts', `\nexport { w } from '../wire.ts';`, '2 kube imports wire'],
    ['src/wire.ts', `import { m } from './main.ts';`, '1 wire imports main'],
    ['src/kube/a.ts', `import { s } from '../system.ts';`, '1 kube imports system'],
    [
      'src/main.ts',
      `import { w } from '../test/testbed/world.ts';`,
      '1 main imports test/testbed/world.ts',
    ],
    ['src/kube/a.ts', `import(process.title);`, '1 computed import'],
    ['src/widgets/a.ts', ``, '1 src/widgets has no place in the architecture'],
  ],
  'a folder of core imports only those before it': [
    [
      'src/core/secret/a.ts',
      `import { s } from '../status/b.ts';`,
      '1 core/secret imports core/status',
    ],
    ['src/core/a.ts', `import { e } from './errors/b.ts';`, '1 core/ imports core/errors'],
    ['src/core/widgets/a.ts', ``, '1 src/core/widgets has no rank'],
  ],
  'a package is imported only by the folder that owns it': [
    ['src/core/a.ts', `import { Counter } from 'prom-client';`, '1 import of prom-client'],
    ['src/kube/a.ts', `import pino from 'pino';`, '1 import of pino'],
    [
      'src/runtime/a.ts',
      `import type { V1Secret } from '@kubernetes/client-node';`,
      '1 import of @kubernetes/client-node',
    ],
    [
      'src/keyvault/a.ts',
      `import { X } from '@azure/identity/sub/path.js';`,
      '1 import of @azure/identity',
    ],
    ['src/core/a.ts', `import * as liquid from 'liquidjs';`, '1 import of liquidjs'],
    ['src/runtime/a.ts', `import { z } from 'zod';`, '1 import of zod'],
    ['src/wire.ts', `const u = require('undici');`, '1 import of undici'],
  ],
  'api, core and ports keep to the modules of Node they may use': [
    ['src/api/a.ts', `import { createHash } from 'node:crypto';`, '1 import of node:crypto'],
    ['src/core/a.ts', `import { readFileSync } from 'node:fs';`, '1 import of node:fs'],
  ],
  'time, randomness, environment and process have one user each': [
    ['src/core/a.ts', `const a = 1;\nconst b = Date.now();`, '2 Date.now'],
    ['src/kube/a.ts', `const a = new Date();`, '1 Date.now'],
    ['src/kube/a.ts', `const a = new Date;`, '1 Date.now'],
    ['src/kube/a.ts', `const a = globalThis.Math['random']();`, '1 Math.random'],
    ['src/kube/a.ts', `const a = Math['random']();`, '1 Math.random'],
    ['src/runtime/a.ts', `setTimeout(() => {}, 1);`, '1 setTimeout'],
    ['src/runtime/a.ts', `const clock = { wait: globalThis.setTimeout };`, '1 setTimeout'],
    ['src/runtime/a.ts', `const clock = { setInterval };`, '1 setInterval'],
    ['src/keyvault/a.ts', `f(AbortSignal.timeout(5));`, '1 AbortSignal.timeout'],
    [
      'src/kube/a.ts',
      `import { setTimeout as sleep } from 'node:timers/promises';`,
      '1 import of node:timers/promises',
    ],
    [
      'src/core/a.ts',
      `import { createHash, randomUUID } from 'node:crypto';`,
      '1 import of node:crypto',
    ],
    ['src/wire.ts', `const e = process.env;`, '1 process.env'],
    ['src/main.ts', `const e = process?.env['X'];`, '1 process.env'],
    ['src/kube/a.ts', `const { env } = process;`, '1 process'],
    ['src/cli/a.ts', `process.exit(1);`, '1 process.exit'],
    ['src/kube/a.ts', `await fetch('https://example.com');`, '1 fetch'],
  ],
  'core is synchronous': [
    ['src/core/a.ts', `export async function f() {}`, '1 async function'],
    ['src/core/a.ts', `export const f = (p: Promise<void>) => p;`, '1 Promise'],
    ['src/core/a.ts', `await 1;`, '1 await'],
  ],
  'there is no `any`': [
    ['src/kube/a.ts', `const a = b as any;`, '1 `any`'],
    ['test/unit/a.test.ts', `const a: Map<string, any> = b;`, '1 `any`'],
  ],
  'there is no non-null assertion': [['src/kube/a.ts', `const a = b!.c;`, '1 `!`']],
  'there is no enum': [['src/kube/a.ts', `export const enum E { A }`, '1 enum']],
  'there is no default export': [
    ['src/kube/a.ts', `export default 1;`, '1 default export'],
    ['src/kube/a.ts', `const a = 1; export { a as default };`, '1 default export'],
  ],
  'a file stays short': [
    ['src/kube/a.ts', '\n'.repeat(201), '201 201 lines'],
    ['test/unit/a.test.ts', '\n'.repeat(301), '301 301 lines'],
  ],
  'a file or folder is named for what it holds': [
    ['src/kube/utils/a.ts', ``, '1 the name "utils"'],
    ['src/kube/types.ts', ``, '1 the name "types"'],
    ['src/kube/index.ts', ``, '1 barrel index.ts'],
    ['test/unit/helpers.test.ts', ``, '1 the name "helpers"'],
  ],
  'checks are not switched off by a comment': [
    ['src/kube/a.ts', `\n// @ts-expect-error\nf();`, '2 @ts-expect-error'],
    ['src/kube/a.ts', `/* oxlint-disable */`, '1 oxlint-disable'],
  ],
  'tests use fakes and the stand-in, never module mocks': [
    ['test/unit/a.test.ts', `vi.mock('../src/main.ts');`, '1 module mock'],
    ['test/unit/a.test.ts', `vi.doMock('../src/main.ts');`, '1 module mock'],
  ],
};

describe('each rule finds what it forbids', () => {
  for (const [rule, cases] of Object.entries(OFFENCES)) {
    for (const [path, code, ...expected] of cases) {
      test(`${rule}: ${title(path, code)}`, () => {
        expect(findingsIn({ [path]: code })).toEqual(expected);
      });
    }
  }

  test('no file imports itself in a circle: also through types and several files', () => {
    const sources = {
      'src/kube/a.ts': `import type { B } from './b.ts';`,
      'src/kube/b.ts': `\nexport { c } from './c.ts';`,
      'src/kube/c.ts': `import './a.ts';`,
    };
    const circle = 'src/kube/a.ts → src/kube/b.ts → src/kube/c.ts → src/kube/a.ts';
    expect(findingsIn(sources)).toEqual([`1 circle ${circle}`]);
  });

  test('and has a case here', () => {
    const withCase = [...Object.keys(OFFENCES), 'no file imports itself in a circle'];
    expect(RULES.map(({ name }) => name).toSorted()).toEqual(withCase.toSorted());
  });

  test('and says where, what, why and which rule', () => {
    const [rule] = RULES;
    const file = parseSource('src/core/a.ts', `\nimport '../kube/b.ts';`);
    expect(rule?.check([file]).map((finding) => format(finding, rule.name))).toEqual([
      'src/core/a.ts:2 core imports kube: core decides and is pure, which makes the part with the ' +
        'most cases the cheapest to test. [a folder of src imports only the folders below it]',
    ]);
  });
});

describe('no rule forbids', () => {
  const innocent: readonly Case[] = [
    ['src/wire.ts', `import { k } from './kube/client.ts'; import { s } from './system.ts';`],
    ['src/kube/a.ts', `import { P } from '../ports/kube.ts'; import { c } from './b.ts';`],
    [
      'src/core/plan/a.ts',
      `import { e } from '../errors/b.ts'; import { r } from '../redacted.ts';`,
    ],
    ['src/kube/a.ts', `// import '../keyvault/b.ts'; Date.now(); x as any`],
    ['src/kube/a.ts', `const help = "import '../wire.ts'; new Date()" + \`\${n} enum any!\`;`],
    ['src/kube/a.ts', `const pattern = /import "pino"|'|setTimeout\\(/;`],
    ['src/core/a.ts', `const at = new Date(now).toISOString(); const p = Date.parse(text);`],
    ['src/runtime/a.ts', `clock.setTimeout(f, 5); const o = { setTimeout: 1, fetch() {} };`],
    ['src/runtime/a.ts', `let timer: ReturnType<typeof setTimeout> | undefined;`],
    ['src/core/a.ts', `import { createHash, X509Certificate } from 'node:crypto';`],
    ['src/core/a.ts', `const anything = { any: 1, Promise: 2 }; const b = !a;`],
    ['src/system.ts', `setTimeout(f, 1); Date.now(); new Date(); Math.random();`],
    ['src/options/options.ts', `const { PATH } = process.env;`],
    ['src/main.ts', `process.exitCode = run(process.argv); process.on('SIGTERM', stop);`],
    ['src/kube/a.ts', '\n'.repeat(200)],
    ['test/build/a.ts', `process.exit(1); setTimeout(f, 1); import { z } from 'zod';`],
  ];

  for (const [path, code] of innocent) {
    test(title(path, code), () => expect(findingsIn({ [path]: code })).toEqual([]));
  }
});
