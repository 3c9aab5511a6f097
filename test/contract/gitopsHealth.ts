import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { cached, digest, run } from './programCache.ts';

const folder = join(import.meta.dirname, 'gitops-health');
const answers = z.array(z.object({ kstatus: z.string(), argoCd: z.string(), message: z.string() }));

export type GitopsHealth = z.infer<typeof answers>[number];

/** What kstatus itself says of each object, and Argo CD by the Lua check in the file, if it has one. */
export async function gitopsHealth(
  objects: readonly object[],
  checkFile?: string,
): Promise<GitopsHealth[]> {
  const input = objects.map((object) => JSON.stringify(object)).join('\n');
  const args = checkFile === undefined ? [] : [checkFile];
  const { stdout } = await run(await program(), args, { input });
  return answers.parse(JSON.parse(stdout));
}

/** Built once for each state of its sources. */
async function program(): Promise<string> {
  const sources = ['go.mod', 'go.sum', 'main.go'].map((file) => join(folder, file));
  const directory = await cached({
    name: `gitops-health-${digest(...sources)}`,
    what: 'the program with kstatus and the Lua of Argo CD',
    async make(into) {
      await mkdir(into);
      await run('go', ['build', '-C', folder, '-o', join(into, 'gitops-health'), '.']);
    },
  });
  return join(directory, 'gitops-health');
}
