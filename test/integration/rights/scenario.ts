import type { ControllerProcess } from '../../testbed/controllerProcess.ts';
import type { KubeClient, ObjectName } from '../../testbed/kubeClient.ts';
import { untilObject } from '../../testbed/kubeConditions.ts';
import type { KubeObject, Resource } from '../../testbed/kubeResources.ts';
import type { Team } from '../../testbed/stage.ts';
import type { World } from '../../testbed/world.ts';

/** Where a controller works, and for whom. */
export interface Scene {
  readonly world: World;
  readonly team: Team;
  readonly controller: ControllerProcess;
  /** The Lease of the controller. */
  readonly lease: ObjectName;
  /** The status of its answer, over TLS. */
  scrape(token: string): Promise<number>;
  /** Until the API server has answered such a request of it, whatever the answer was. */
  untilAsked(matches: (url: string) => boolean): Promise<void>;
  /** How many such requests of it the API server has answered. */
  countAsked(method: string, matches: (url: string) => boolean): number;
}

/** The part of a behaviour that is waited for. */
export interface Outcome {
  /** @throws Error when it does not come about */
  comesAbout(): Promise<unknown>;
  hasComeAbout(): Promise<boolean>;
}

export interface Scenario {
  /** Before the controller starts. */
  readonly arrange?: (scene: Pick<Scene, 'world' | 'lease'>) => Promise<void>;
  /** Does what the controller has to answer. */
  readonly act: (scene: Scene) => Promise<Outcome>;
  /** Something is watched for, and refused again and again from the start: only what is refused after the act tells that the act went unseen. */
  readonly isWatchedFor?: true;
}

/** Of a state of one object. */
export function object<T extends KubeObject>(
  kube: KubeClient,
  resource: Resource<T>,
  at: ObjectName,
  holds: (found: T) => boolean,
): Outcome {
  const isThere = (found: T | undefined): boolean => found !== undefined && holds(found);
  const what = `the expected ${resource.kind}`;
  return {
    comesAbout: async () => untilObject(kube, resource, at, { what, holds: isThere }),
    hasComeAbout: async () => isThere(await kube.find(resource, at)),
  };
}
