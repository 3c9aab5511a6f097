import { readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What `up` leaves behind in its folder, for people, scripts and `down`. All paths are absolute. */
export const testbedSchema = z.object({
  /** Where all of it is written, log files too. */
  directory: z.string(),
  /** Of an administrator. */
  kubeconfig: z.string(),
  azure: z.object({
    tenantId: z.string(),
    caFile: z.string(),
    adminUrl: z.string(),
    imdsEndpoint: z.string(),
    tokenProxy: z.object({ url: z.string(), serverName: z.string(), caFile: z.string() }),
    entraAddress: z.string(),
    vaultAddress: z.string(),
    proxyUrl: z.string(),
  }),
  pids: z.array(z.number()),
  container: z.string().optional(),
  /** With the token of the controller's ServiceAccount, which has the rights that the chart gives. */
  controllerKubeconfig: z.string(),
  controllerTokenFile: z.string(),
  /** Of the cluster's ServiceAccount tokens; federated credentials name it. */
  issuer: z.string(),
  auditLog: z.string().optional(),
  /** Where the control plane comes from. */
  controlPlane: z.string(),
});

export type Testbed = z.infer<typeof testbedSchema>;

/** Has a file for each `run`, named by its controller's pid. */
export const controllersDirectory = (directory: string): string => join(directory, 'controllers');

const fileIn = (directory: string): string => join(directory, 'testbed.json');

export async function writeTestbedFile(directory: string, testbed: Testbed): Promise<void> {
  const unfinished = `${fileIn(directory)}.${process.pid}`;
  await writeFile(unfinished, `${JSON.stringify(testbed, undefined, 2)}\n`, { mode: 0o600 });
  await rename(unfinished, fileIn(directory));
}

/** Undefined when there is none. */
export function readTestbedFile(directory: string): Testbed | undefined {
  let text: string;
  try {
    text = readFileSync(fileIn(directory), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  return testbedSchema.parse(JSON.parse(text));
}

export async function removeTestbedFile(directory: string): Promise<void> {
  await rm(fileIn(directory), { force: true });
}
