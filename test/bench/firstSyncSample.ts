import { dirname, join } from 'node:path';
import { startApiServerProxy, type ProxiedWrite } from '../testbed/apiServerProxy.ts';
import type { World } from '../testbed/world.ts';
import type { KubeWrite } from './bareLoopPlan.ts';
import type { Bench } from './benchRun.ts';
import { createFleet, type Member } from './fleet.ts';

/** One VaultSecret, and what the controller wrote when it saw it for the first time. */
export interface FirstSyncSample {
  readonly member: Member;
  readonly apply: KubeWrite;
  readonly status: KubeWrite;
}

/**
 * Listens to the controller, so that the bare loop sends the very bodies that it sends.
 * @throws Error when it writes something else than a Secret and then a status
 */
export async function recordFirstSync(bench: Bench, world: World): Promise<FirstSyncSample> {
  const [member] = await createFleet(world, { objects: 1, vaults: 1, identities: 1 });
  if (member === undefined) throw new Error('there is no VaultSecret');
  const { controllerKubeconfig, controllerTokenFile } = world.testbed;
  const proxy = await startApiServerProxy({
    kube: world.kube,
    tokenFile: controllerTokenFile,
    kubeconfig: join(dirname(controllerKubeconfig), 'recorded.kubeconfig'),
  });
  const writes: ProxiedWrite[] = [];
  const synced = Promise.withResolvers<void>();
  proxy.around = async (write, forward) => {
    await forward();
    if (!write.path.endsWith('/token')) writes.push(write);
    if (write.path.endsWith('/status')) synced.resolve();
    return 'answered';
  };
  const args = [`--kubeconfig=${proxy.kubeconfig}`];
  const controller = await bench.startController(world, { args });
  await controller.untilReady();
  await synced.promise;
  await controller.end('SIGTERM');
  await proxy.close();

  const [apply, status, other] = writes;
  const isExpected = apply?.path.includes('/secrets/') === true && status !== undefined;
  if (!isExpected || other !== undefined) {
    const seen = writes.map(({ method, path }) => `${method} ${path}`);
    throw new Error(`a first sync wrote ${seen.join(', ')}`);
  }
  return { member, apply: toKubeWrite(apply), status: toKubeWrite(status) };
}

/** The sample's writes as they would be for another VaultSecret. */
export function writesFor(
  { member: sample, apply, status }: FirstSyncSample,
  member: Member,
): Pick<FirstSyncSample, 'apply' | 'status'> {
  const replaced = new Map(
    namesOf(sample).map((name, index) => [name, namesOf(member)[index] ?? '']),
  );
  // The longest first: the name of an object contains that of its namespace.
  const names = [...replaced.keys()].toSorted((a, b) => b.length - a.length);
  const anyName = new RegExp(names.map(escape).join('|'), 'g');
  const replace = (text: string): string =>
    text.replaceAll(anyName, (name) => replaced.get(name) ?? name);
  const translate = ({ path, body, ...rest }: KubeWrite): KubeWrite => ({
    ...rest,
    path: replace(path),
    body: replace(body),
  });
  return { apply: translate(apply), status: translate(status) };
}

/** Everything in a body that differs from one VaultSecret of a fleet to another. */
function namesOf({ team, namespace, name, uid, objectName, version, value }: Member): string[] {
  const encoded = Buffer.from(value).toString('base64');
  return [namespace, name, uid, objectName, version, encoded, team.vault];
}

/** For a regular expression. */
function escape(text: string): string {
  return text.replaceAll(/\W/g, '\\$&');
}

function toKubeWrite({ method, path, query, headers, body }: ProxiedWrite): KubeWrite {
  const { accept = '', 'content-type': contentType = '' } = headers;
  return { method, path: `${path}?${query}`, accept, contentType, body };
}
