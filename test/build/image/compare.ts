// Builds the image with Docker and without, and tells every difference. `npm run image:compare -- --help`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { localBaseLayer, packagedBaseLayer } from './localImage.ts';
import { ociArchive } from './ociArchive.ts';
import { platformOf } from './platform.ts';
import { differences } from './imageDifferences.ts';
import { savedImage, type SavedImage } from './savedImage.ts';

const usage = `npm run image:compare -- [--build-image NAME] [--platform NAME] [-- flags of docker build]

Compares the image of the Dockerfile with that of npm run image -- --base local: files with mode, owner and content,
and how a container starts. Both get the base that is taken from this machine, which must be Linux. Needs root, for
the compile cache, and Docker with a daemon that can pull the build image of the Dockerfile, or has the one that is
named; its build reaches the npm registry. With --platform the base is made of packages, and Docker needs an emulator for
that platform. Ends with 0 only when it has compared and found no difference.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'build-image': { type: 'string' },
    platform: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const { platform: platformName } = values;
const wanted = platformName === undefined ? undefined : platformOf(platformName);
const platformFlags = platformName === undefined ? [] : ['--platform', platformName];
const baseName = 'vaultsecret-compare-base:1';
const builtName = 'vaultsecret-compare:1';

if (values.help) process.stdout.write(usage);
else if (platformName !== undefined && wanted === undefined) {
  process.stderr.write(`nothing was compared: --platform ${platformName} is not known\n\n${usage}`);
  process.exitCode = 2;
} else process.exitCode = compare();

function compare(): number {
  if (process.getuid?.() !== 0 || spawnSync('docker', ['version']).status !== 0) {
    process.stderr.write(`nothing was compared: root and a running Docker are needed\n\n${usage}`);
    return 2;
  }
  const directory = mkdtempSync(join(tmpdir(), 'vaultsecret-compare-'));
  try {
    const [docker, script] = [byDocker(directory), byScript(directory)];
    const found = [...differences(docker, script), ...cacheRefusals()];
    for (const each of found) console.log(each);
    const compared = `${docker.files.size} files and ${docker.config.size} fields compared`;
    console.log(
      `${compared}: ${found.length === 0 ? 'the same image' : `${found.length} differences`}`,
    );
    return found.length === 0 ? 0 : 1;
  } finally {
    spawnSync('docker', ['image', 'rm', builtName, baseName], { stdio: 'ignore' });
    rmSync(directory, { recursive: true });
  }
}

function byScript(directory: string): SavedImage {
  const output = join(directory, 'script.tar');
  image('--base', 'local', ...platformFlags, '--tag', builtName, '--output', output);
  return savedImage(readFileSync(output));
}

function byDocker(directory: string): SavedImage {
  const base = join(directory, 'base.tar');
  const output = join(directory, 'docker.tar');
  writeFileSync(base, baseArchive());
  run('docker', ['load', '--input', base]);
  const { 'build-image': buildImage } = values;
  const build = buildImage === undefined ? [] : ['--build-image', buildImage];
  image(
    '--tag',
    builtName,
    ...platformFlags,
    '--runtime-image',
    baseName,
    ...build,
    '--',
    ...positionals,
  );
  run('docker', ['save', '--output', output, builtName]);
  return savedImage(readFileSync(output));
}

/** Whether the image of Docker starts from the cache that its build has made. */
function cacheRefusals(): string[] {
  const debug = 'NODE_DEBUG_NATIVE=COMPILE_CACHE';
  const flags = [
    'run',
    '--rm',
    ...platformFlags,
    '--network',
    'none',
    '--env',
    debug,
    builtName,
    '--version',
  ];
  const { stdout, stderr } = spawnSync('docker', flags, { encoding: 'utf8' });
  const isAccepted = /vaultsecret[.]mjs was accepted/.test(stdout + stderr);
  return isAccepted ? [] : [`the compile cache of the image by Docker is not used: ${stderr}`];
}

function baseArchive(): Buffer {
  const { platform, layer } = wanted === undefined ? localBaseLayer() : packagedBaseLayer(wanted);
  const config = {
    User: '65532:65532',
    WorkingDir: '/',
    Env: [],
    Entrypoint: [],
    Cmd: [],
    ExposedPorts: {},
    Labels: {},
  };
  const { architecture } = platform;
  return ociArchive({ name: baseName, architecture, config, layers: [layer] }).archive;
}

function image(...flags: readonly string[]): void {
  run('npm', ['run', '-s', 'image', '--', ...flags]);
}

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed`, { cause: error });
}
