import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, inject, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { writeKubeconfig } from '../testbed/kubeconfigFile.ts';
import { oneLine, outcomeOf } from './program.ts';

const testbed = inject('testbed');
const directory = mkdtempSync(join(tmpdir(), 'vaultsecret-flags-'));
const emptyFile = join(directory, 'empty.pem');
writeFileSync(emptyFile, '');
afterAll(() => rmSync(directory, { recursive: true }));

describe('vaultsecret', () => {
  test('gives a pipe all of its output, also more than it holds', async () => {
    const secrets = Array.from({ length: 400 }, (_, at) => `--secret=password-${at}`);
    const program = resolve(import.meta.dirname, '../../dist/vaultsecret');
    const args = [
      'setup',
      '--vault=shop-prod',
      '--namespace=shop',
      '--service-account=shop',
      '--resource-group=shop',
      '--aks=aks',
      ...secrets,
    ];

    // Only the pipe of a shell is a pipe: Node gives its children sockets.
    const shell = ['-c', '"$0" "$@" | cat', process.execPath, program, ...args];
    const { stdout: output } = await promisify(execFile)('/bin/sh', shell);

    expect(output.length).toBeGreaterThan(100_000);
    expect(output).toMatch(/ azure[.]workload[.]identity\/client-id=.*\n$/);
  });

  test.each([['access'], ['setup', 'shop'], ['doctor']])(
    '%s says in one line that the API server is not there',
    async (...args) => {
      const kubeconfig = join(directory, 'nowhere');
      await writeKubeconfig(kubeconfig, { server: 'https://127.0.0.1:1' }, { token: 'none' });

      expect(await outcomeOf(testbed, [...args, `--kubeconfig=${kubeconfig}`])).toEqual(
        oneLine(1, 'The API server cannot be asked: no answer from the API server: ECONNREFUSED.'),
      );
    },
  );

  test('--version prints the version', async () => {
    expect(await outcomeOf(testbed, ['--version'])).toEqual({
      status: 0,
      output: `vaultsecret ${packageJson.version}\n`,
      errors: '',
    });
  });

  test.each([['--help'], ['-h'], ['help']])('%s lists the commands', async (...args) => {
    const { status, output, errors } = await outcomeOf(testbed, args);

    expect({ status, errors }).toEqual({ status: 0, errors: '' });
    expect(output).toMatch(/^Usage: vaultsecret COMMAND/);
    expect(output).toContain('  run ');
  });

  test.each([
    ['help', 'run'],
    ['run', '--help'],
    ['run', '-h'],
  ])('%s %s prints the flags', async (...args) => {
    const { status, output, errors } = await outcomeOf(testbed, args);

    expect({ status, errors }).toEqual({ status: 0, errors: '' });
    expect(output).toMatch(/^Usage: vaultsecret run/);
    expect(output).toContain('--azure-tenant-id UUID');
  });

  test.each<[args: readonly string[], line: string]>([
    [[], 'no command; see vaultsecret --help'],
    [['walk'], 'unknown command walk'],
    [['help', 'walk'], 'unknown command walk'],
    [['run', '--sideways'], "Unknown option '--sideways'"],
    [['run', 'now'], "Unexpected argument 'now'"],
    [['run', '--listen'], "Option '--listen <value>' argument missing"],
    [['run', '--leader-elect=yes'], "Option '--leader-elect' does not take an argument"],
    [['run', '--listen=8080'], '--listen must be HOST:PORT or :PORT'],
    [['run', '--listen=:65536'], '--listen has a port above 65535'],
    [['run', '--azure-tenant-id=contoso'], '--azure-tenant-id must be a UUID'],
    [['run', '--azure-authority-host=http://a'], '--azure-authority-host must be an https URL'],
    [['run', '--resolve=a:1'], '--resolve must be HOST=ADDRESS:PORT, not a:1'],
    [['run', '--ca-file=/nowhere'], '--ca-file cannot read /nowhere'],
    [['run', `--ca-file=${emptyFile}`], 'holds no PEM certificate'],
    [['run', '--log-level=loud'], '--log-level must be trace, debug'],
    [['run', '--max-concurrent-reconciles=0'], '--max-concurrent-reconciles must be a whole'],
    [['run', '--lease-namespace=A'], '--lease-namespace must be the name of a namespace'],
  ])('%j is answered with one line and status 2', async (args, line) => {
    expect(await outcomeOf(testbed, args)).toEqual(oneLine(2, line));
  });

  test.each([
    [{ AZURE_TENANT_ID: 'contoso' }, 'AZURE_TENANT_ID must be a UUID'],
    [{ AZURE_AUTHORITY_HOST: 'http://a' }, 'AZURE_AUTHORITY_HOST must be an https URL'],
    [{ HTTPS_PROXY: 'socks5://a' }, 'HTTPS_PROXY must be an http or https URL'],
  ])('%j is answered with one line and status 2', async (env, line) => {
    expect(await outcomeOf(testbed, ['run'], { ...env })).toEqual(oneLine(2, line));
  });
});
