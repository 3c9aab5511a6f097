import { createAccessCommand } from '../cli/access/accessCommand.ts';
import type { Command } from '../cli/command.ts';
import { doctorCommand } from '../cli/doctor/doctor.ts';
import { readTextFile } from '../cli/manifestFile.ts';
import { createRenderCommand } from '../cli/render/renderCommand.ts';
import { createSetUpCommand } from '../cli/setup/setupCommand.ts';
import { tokenCommand } from '../cli/token/tokenCommand.ts';
import { onlyAsAsked } from '../identity/onlyAsAsked.ts';
import { listForAccess } from '../kube/accessLists.ts';
import { loadKubeConfig } from '../kube/config.ts';
import { createApiClient } from '../kube/request.ts';
import { systemHostNames } from '../net/hostNames.ts';
import { readHostKind } from '../options/hostKind.ts';
import { openDoctor } from './doctor.ts';
import { openRender } from './render.ts';
import { openSetUp } from './setUp.ts';
import type { System } from './system.ts';

/** All but `run`: what each is made of, and what it needs of the outside world. */
export function createCommands(system: Pick<System, 'clock' | 'random'>): readonly Command[] {
  return [
    doctorCommand((options) => openDoctor(options, { ...system, hostNames: systemHostNames })),
    tokenCommand({
      open: (options, assigned) =>
        openRender(options, assigned, system).hostTokens(options.homeCloud),
      hostKind: readHostKind,
    }),
    createSetUpCommand({
      readText: readTextFile,
      openCluster: (options) => openSetUp(options, system),
    }),
    createRenderCommand({
      readText: readTextFile,
      open(options, assigned) {
        const tools = openRender(options, assigned, system);
        return {
          ...tools,
          hostTokens: (cloud) => onlyAsAsked(tools.hostTokens(cloud), assigned),
        };
      },
      suffix: () => system.random().toString(36).slice(2, 10),
    }),
    createAccessCommand((options, namespace, signal) =>
      listForAccess(
        createApiClient(loadKubeConfig(options.kubeconfig, system.clock, options.context)),
        namespace,
        signal,
      ),
    ),
  ];
}
