import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The release that the distroless image of the Dockerfile is made of, with its security updates. */
const release = 'trixie';
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

export interface DebianFiles {
  /** Where the packages were unpacked. */
  readonly root: string;
  /** The description of each package: name, version and the like. */
  readonly control: ReadonlyMap<string, string>;
}

/**
 * Unpacks packages of another architecture than this machine's, and hands them to `read`. apt gets
 * folders of its own, so nothing of the machine changes; it checks the signature of the release, and by
 * it the checksum of each package.
 */
export function withDebianFiles<Result>(
  { architecture, packages }: { architecture: string; packages: readonly string[] },
  read: (files: DebianFiles) => Result,
): Result {
  const directory = mkdtempSync(join(tmpdir(), 'vaultsecret-debian-'));
  try {
    const apt = aptIn(directory, architecture);
    apt('update');
    apt('download', ...packages);
    const root = join(directory, 'root');
    const control = new Map<string, string>();
    for (const name of readdirSync(directory).filter((each) => each.endsWith('.deb'))) {
      const archive = join(directory, name);
      run('dpkg-deb', ['--extract', archive, root]);
      control.set(name.replace(/_.*/, ''), run('dpkg-deb', ['--field', archive]));
    }
    return read({ root, control });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function aptIn(directory: string, architecture: string): (...args: readonly string[]) => void {
  const sources = [
    `deb [signed-by=${keyring}] http://deb.debian.org/debian ${release} main`,
    `deb [signed-by=${keyring}] http://deb.debian.org/debian-security ${release}-security main`,
  ];
  const settings = {
    'APT::Architecture': architecture,
    'APT::Architectures': architecture,
    // Its own user could not enter the folder.
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
    'Dir::Cache': join(directory, 'cache'),
    'Dir::Etc::SourceList': join(directory, 'sources.list'),
    'Dir::Etc::SourceParts': '-',
    'Dir::State': join(directory, 'state'),
    'Dir::State::Status': join(directory, 'status'),
  };
  mkdirSync(join(directory, 'state/lists/partial'), { recursive: true });
  mkdirSync(join(directory, 'cache/archives/partial'), { recursive: true });
  writeFileSync(join(directory, 'status'), '');
  writeFileSync(join(directory, 'sources.list'), `${sources.join('\n')}\n`);
  const options = Object.entries(settings).map(([name, value]) => `--option=${name}=${value}`);
  return (...args) => void run('apt-get', [...options, ...args], directory);
}

function run(command: string, args: readonly string[], cwd?: string): string {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(
    `${command} failed (${error?.message ?? stderr.trim()}): a base for another platform is made of ` +
      `Debian packages, by apt-get, dpkg-deb and the package debian-archive-keyring`,
    { cause: error },
  );
}
