// Builds the container image. `npm run image -- --help` says how.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { localBaseLayer, localImage, packagedBaseLayer } from './localImage.ts';
import { platformOf, type Platform } from './platform.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

const usage = `npm run image -- [flags] [-- flags of docker build]
  --base docker       build the Dockerfile with Docker (default)
  --base local        build the same image without Docker and registry, on a base taken from this machine:
                      its Node 24 with the libraries that it needs; as root also with the compile cache
  --platform NAME     linux/amd64 or linux/arm64, whatever this machine is. With --base local the base is then
                      made of packages, Node from npm and the rest from Debian, by apt-get and dpkg-deb; the
                      compile cache of another architecture needs qemu-user-static
  --tag NAME          name and tag of the image; default docker.io/library/vaultsecret:VERSION
  --output FILE       where --base local writes the archive; default dist/image.tar. Load it by
                      ctr -n k8s.io images import FILE, or docker load -i FILE
  --build-image NAME, --runtime-image NAME   base images for Docker instead of those in the Dockerfile
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    base: { type: 'string', default: 'docker' },
    platform: { type: 'string' },
    tag: { type: 'string' },
    output: { type: 'string', default: resolve(ROOT, 'dist/image.tar') },
    'build-image': { type: 'string' },
    'runtime-image': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const { version } = z
  .looseObject({ version: z.string() })
  .parse(JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')));
const name = values.tag ?? `docker.io/library/vaultsecret:${version}`;

if (values.help) process.stdout.write(usage);
else if (!['docker', 'local'].includes(values.base)) refuse(`--base ${values.base}`);
else if (values.platform !== undefined && platformOf(values.platform) === undefined)
  refuse(`--platform ${values.platform}`);
else if (values.base === 'docker') run('docker', dockerArguments());
else buildLocally(values.platform === undefined ? undefined : platformOf(values.platform));

function refuse(flag: string): void {
  process.stderr.write(`${flag} is not known\n${usage}`);
  process.exitCode = 2;
}

function buildLocally(platform: Platform | undefined): void {
  run('npm', ['run', '-s', 'build']);
  const { output } = values;
  const base = platform === undefined ? localBaseLayer() : packagedBaseLayer(platform);
  const bundle = resolve(ROOT, 'dist');
  const image = localImage({ base, name, version, revision: revision(), bundle });
  writeFileSync(output, image.archive);
  const size = (image.compressedBytes / 1e6).toFixed(1);
  console.log(`${output}: ${name} for ${base.platform.architecture}, ${size} MB compressed`);
  if (!image.hasCompileCache)
    console.log(
      'without a compile cache, which only root can make, and for another architecture only with qemu-user-static',
    );
}

function dockerArguments(): string[] {
  const args: Record<string, string | undefined> = {
    VERSION: version,
    REVISION: revision(),
    BUILD_IMAGE: values['build-image'],
    RUNTIME_IMAGE: values['runtime-image'],
  };
  const given = Object.entries(args).filter(([, value]) => value !== undefined);
  const flags = given.flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
  const platform = values.platform === undefined ? [] : ['--platform', values.platform];
  return ['build', '--tag', name, ...platform, ...flags, ...positionals, ROOT];
}

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' });
  if (status === 0) return;
  console.error(error === undefined ? `${command} failed` : `${command} cannot be started`);
  process.exit(1);
}

function revision(): string {
  const { stdout, status } = spawnSync('git', ['rev-parse', 'HEAD'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : 'unknown';
}
