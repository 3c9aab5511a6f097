import { createAccessCommand } from '../cli/access/accessCommand.ts';
import type { Command } from '../cli/command.ts';
import { readTextFile } from '../cli/manifestFile.ts';
import { createSetUpCommand } from '../cli/setup/setupCommand.ts';
import { listForAccess } from '../kube/accessLists.ts';
import { loadKubeConfig } from '../kube/config.ts';
import { createApiClient } from '../kube/request.ts';
import type { Clock, Random } from '../ports/system.ts';

/** All but `run`: what each is made of, and what it needs of the outside world. */
export function createCommands({
  clock,
}: {
  readonly clock: Clock;
  readonly random: Random;
}): readonly Command[] {
  return [
    createSetUpCommand({ readText: readTextFile }),
    createAccessCommand((options, namespace, signal) =>
      listForAccess(createApiClient(loadKubeConfig(options.kubeconfig, clock)), namespace, signal),
    ),
  ];
}
