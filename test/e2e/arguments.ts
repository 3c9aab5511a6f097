import { parseArgs } from 'node:util';
import { TestbedError } from '../testbed/testbedError.ts';
import { k3sInDocker } from './places/k3sInDocker.ts';
import { namedCluster } from './places/namedCluster.ts';
import { ownNode } from './places/ownNode.ts';
import type { Place } from './places/place.ts';

export const usage = `Usage: npm run e2e -- [flags] [test files] [-- flags of vitest]

  On a node of this machine, which needs Linux and root; without these on K3s in Docker.

  --k3s                    on K3s in Docker, also where a node of this machine could be had
  --kubeconfig FILE        on this cluster, which must not have vaultsecret: it is installed and removed
  --load-images COMMAND    with --kubeconfig: COMMAND and the path of an archive load its image onto the nodes,
                           for example 'kind load image-archive' or 'k3s ctr images import'
  --host-address ADDRESS   with --kubeconfig: where pods reach this machine; its first address unless given
`;

/** Wrong usage: exit status 2. */
export class UsageError extends TestbedError {
  override readonly name = 'UsageError';
}

export interface Arguments {
  readonly help: boolean;
  readonly k3s: boolean;
  readonly kubeconfig?: string | undefined;
  readonly loadImages?: string | undefined;
  readonly hostAddress?: string | undefined;
  readonly vitestArguments: readonly string[];
}

/** @throws UsageError */
export function readArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parse(args);
  const { help = false, k3s = false, kubeconfig } = values;
  const { 'load-images': loadImages, 'host-address': hostAddress } = values;
  if (kubeconfig === undefined && (loadImages ?? hostAddress) !== undefined)
    throw new UsageError('--load-images and --host-address go with --kubeconfig');
  if (kubeconfig !== undefined && k3s)
    throw new UsageError('--kubeconfig and --k3s name two clusters: leave one out');
  return { help, k3s, kubeconfig, loadImages, hostAddress, vitestArguments: positionals };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean' },
        k3s: { type: 'boolean' },
        kubeconfig: { type: 'string' },
        'load-images': { type: 'string' },
        'host-address': { type: 'string' },
      },
    });
  } catch (error) {
    const problem = error instanceof Error ? (error.message.split('. ')[0] ?? '') : '';
    throw new UsageError(`${problem}; npm run e2e -- --help shows how`, { cause: error });
  }
}

export function placeOf({ kubeconfig, loadImages, hostAddress, k3s }: Arguments): Place {
  if (kubeconfig !== undefined) return namedCluster({ kubeconfig, loadImages, hostAddress });
  const hasOwnNode = process.platform === 'linux' && process.getuid?.() === 0;
  return k3s || !hasOwnNode ? k3sInDocker : ownNode;
}
