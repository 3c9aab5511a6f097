import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OptionsError } from '../../options/optionsError.ts';

/**
 * All of them are on the disk under other names before the first takes its place, so that whoever reads one sees an
 * old value or a new one, and never half of it. For its owner alone. @throws OptionsError
 */
export async function writeFiles(
  directory: string,
  files: ReadonlyMap<string, Buffer | string>,
  suffix: string,
): Promise<readonly string[]> {
  const placed = [...files].map(([name, content]) => ({
    path: join(directory, name),
    temporary: join(directory, `.${name}.${suffix}`),
    content,
  }));
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    for (const { temporary, content } of placed) await writeSafely(temporary, content);
    for (const { temporary, path } of placed) await rename(temporary, path);
    return placed.map(({ path }) => path);
  } catch (cause) {
    // What stopped the writing may stop this as well, and is the one to be told.
    await Promise.allSettled(placed.map(({ temporary }) => rm(temporary, { force: true })));
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new OptionsError(`cannot write into ${directory}: ${code}`, { cause });
  }
}

/** Made new, so that nobody else has it open or has put a link in its place. */
async function writeSafely(path: string, content: Buffer | string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}
