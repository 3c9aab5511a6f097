import type { VaultSecret } from '../core/observed/observed.ts';
import { findController } from '../kube/controllerDeployment.ts';
import type { ApiClient } from '../kube/request.ts';
import {
  readControllerArguments,
  type ControllerArguments,
} from '../options/controllerArguments.ts';

/** What is told of the controller that works on a VaultSecret. */
export interface SeenController extends ControllerArguments {
  readonly toldBy: string;
}

/** Undefined where the caller may not see it, or cannot tell which it is. @throws KubeApiError */
export async function seeController(
  api: ApiClient,
  { status }: Pick<VaultSecret, 'status'>,
): Promise<SeenController | undefined> {
  const found = await findController(api, status.controller);
  if (found === undefined) return undefined;
  const { namespace, name, args } = found;
  return { toldBy: `Deployment ${namespace}/${name}`, ...readControllerArguments(args) };
}
