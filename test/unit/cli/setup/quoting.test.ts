import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { azScript } from '../../../../src/cli/setup/azScript.ts';
import { powerShellScript, powerShellString } from '../../../../src/cli/setup/powerShellScript.ts';
import type { SetUp } from '../../../../src/cli/setup/setUp.ts';
import { shellWord } from '../../../../src/cli/setup/shellWords.ts';
import { identityUseRights } from '../../../../src/core/identityBinding.ts';
import { hostileText } from './hostileText.ts';

const directory = mkdtempSync(join(tmpdir(), 'vaultsecret-quoting-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Every name is hostile: no flag lets such a one through, and yet it must be safe. */
const hostileNames = () =>
  fc.record({
    identity: hostileText(),
    group: hostileText(),
    cluster: hostileText(),
    namespace: hostileText(),
    account: hostileText(),
    vault: hostileText(),
    secret: hostileText(),
    host: hostileText(),
  });
type Names = ReturnType<typeof hostileNames> extends fc.Arbitrary<infer T> ? T : never;

function setUpOf(names: Names): SetUp {
  const resourceGroup = names.group;
  return {
    subscription: names.account,
    identity: {
      kind: 'userAssigned',
      name: names.identity,
      resourceGroup,
      location: names.host,
      exists: false,
      host: { kind: 'vm', name: names.host, resourceGroup },
      federation: {
        name: names.cluster,
        issuer: { kind: 'aks', name: names.cluster, resourceGroup },
        serviceAccount: { namespace: names.namespace, name: names.account },
      },
    },
    vault: {
      name: names.vault,
      resourceGroup,
      grant: { kind: 'role', secrets: [names.secret] },
    },
  };
}

/** All arguments of all commands that a real shell calls, and what it left behind. */
function argumentsIn(script: string): readonly string[] {
  const log = join(directory, 'log');
  const called = `said() { printf '%s\\0' "$@" >>'${log}'; printf answer; }
az() { said "$@"; }; kubectl() { said "$@"; }
`;
  execFileSync('/bin/sh', ['-euc', `: >'${log}'\n${called}${script}`], {
    env: { PATH: '/bin' },
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return readFileSync(log, 'utf8').split('\0').slice(0, -1);
}

describe('hostile names', () => {
  test('reach the commands of the az script whole, through a real shell', () => {
    fc.assert(
      fc.property(hostileNames(), (names) => {
        const said = argumentsIn(azScript(setUpOf(names)));

        const { identity, vault, host, cluster, namespace, account, secret } = names;
        expect(valuesOf('--name', said).toSorted()).toEqual(
          // Made, shown thrice; the vault shown; its host; the credential and the cluster.
          [identity, identity, identity, identity, vault, host, cluster, cluster].toSorted(),
        );
        expect(new Set(valuesOf('--resource-group', said))).toEqual(new Set([names.group]));
        expect(valuesOf('--subject', said)).toEqual([
          `system:serviceaccount:${namespace}:${account}`,
        ]);
        expect(valuesOf('--scope', said)).toEqual([`answer/secrets/${secret}`]);
        expect(valuesOf('--namespace', said)).toEqual([namespace]);
      }),
      { numRuns: 60 },
    );
  });

  test('stand whole in the rights that kubectl gets, through a real shell', () => {
    fc.assert(
      fc.property(hostileNames(), ({ identity, group, cluster, namespace, account, vault }) => {
        // To YAML a carriage return is a line break, whoever writes it.
        const plain = (name: string): string => name.replaceAll('\r', '');
        const serviceAccount = { namespace: plain(namespace), name: plain(account) };
        const binding = {
          name: cluster,
          cluster: { name: cluster, resourceGroup: group },
          serviceAccount,
        };
        const bound: SetUp = {
          identity: {
            kind: 'userAssigned',
            name: identity,
            resourceGroup: group,
            exists: true,
            binding,
          },
          vault: { name: vault, resourceGroup: group, grant: { kind: 'role', secrets: [] } },
        };
        const applied = join(directory, 'applied');
        const kubectl = `kubectl() { case "$1" in apply) cat >'${applied}';; esac; }\n`;
        const rights = azScript(bound).replace('clientId=', `${kubectl}clientId=`);

        const said = argumentsIn(rights);

        expect(valuesOf('--cluster-name', said)).toEqual([cluster]);
        expect(
          parseAllDocuments(readFileSync(applied, 'utf8')).map((one): unknown => one.toJS()),
        ).toEqual(identityUseRights('answer', serviceAccount));
      }),
      { numRuns: 20 },
    );
  });

  test('are one word of a shell each', () => {
    fc.assert(
      fc.property(fc.array(hostileText(), { minLength: 1 }), (texts) => {
        expect(argumentsIn(`az ${texts.map(shellWord).join(' ')}`)).toEqual(texts);
      }),
      { numRuns: 60 },
    );
  });

  test('are one string of PowerShell each, which says the same', () => {
    fc.assert(
      fc.property(hostileText(), (text) => {
        expect(stringsIn(powerShellString(text))).toEqual([text]);
      }),
    );
  });

  test('stand in the PowerShell script in strings only', () => {
    fc.assert(
      fc.property(hostileNames(), (names) => {
        const { identity, group, vault, host, namespace } = names;
        expect(stringsIn(powerShellScript(setUpOf(names)))).toEqual(
          expect.arrayContaining([identity, group, vault, host, namespace]),
        );
      }),
    );
  });
});

/** `--flag value` and `--flag=value`. */
function valuesOf(flag: string, said: readonly string[]): readonly string[] {
  return said.flatMap((word, at) => {
    if (word === flag) return [said[at + 1] ?? ''];
    return word.startsWith(`${flag}=`) ? [word.slice(flag.length + 1)] : [];
  });
}

/**
 * The single-quoted strings of a script; outside of them and of the one double-quoted annotation stands nothing
 * but the letters of the script itself. https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.core/about/about_quoting_rules
 */
function stringsIn(script: string): readonly string[] {
  const quote = "['\\u2018\\u2019\\u201A\\u201B]";
  const string = new RegExp(`${quote}((?:(?!${quote})[^]|${quote}{2})*)${quote}(?!${quote})`, 'g');
  const strings = [...script.matchAll(string)].map(([, inner = '']) =>
    inner.replaceAll(new RegExp(`(${quote})${quote}`, 'g'), '$1'),
  );
  const outside = script
    .replaceAll(string, '')
    .replaceAll('"azure.workload.identity/client-id=$($identity.ClientId)"', '')
    .replaceAll(/^#.*$/gm, '');
  expect(outside).toMatch(/^[A-Za-z0-9$=.,@(){}|/\s`+-]*$/);
  return strings;
}
