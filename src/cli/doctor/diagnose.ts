import type { Access } from '../../core/access/access.ts';
import type { VaultSecret } from '../../core/observed/observed.ts';
import { vaultNameOf, vaultHostOf } from '../../core/source/keyVaultSecret.ts';
import type { Assertion } from '../../identity/assertions.ts';
import type { ObjectName } from '../../ports/kube.ts';
import {
  findConnection,
  findCredential,
  findIdentity,
  findServiceAccount,
  findVaultSecret,
  isLent,
  requestToken,
  servicePrincipalOf,
  type Connected,
} from './clusterSteps.ts';
import { compareClocks } from './clocks.ts';
import { takeObjectSteps } from './objectSteps.ts';
import { hearOfBinding, hearOfLending, hearOfVaultSecret } from './controllerWord.ts';
import { findMechanism, lookAtBinding } from './mechanism.ts';
import { problemOf } from './problem.ts';
import type { DoctorTools } from './tools.ts';
import {
  checkTenant,
  exchangeToken,
  hasPrivateEndpoint,
  lookAtToken,
  reachVault,
} from './vaultSteps.ts';
import { both, Walk, type Step } from './walk.ts';

/** One VaultSecret walked through. */
export interface Diagnosis extends ObjectName {
  readonly passed: boolean;
  readonly steps: readonly Step[];
  /** Of the first step that failed. */
  readonly fix?: Fix;
}

export interface Fix extends Pick<Step, 'step' | 'object'> {
  readonly actor: string;
  readonly commands: readonly string[];
}

export async function diagnose(tools: DoctorTools, at: ObjectName): Promise<Diagnosis> {
  const context: Record<string, string> = { namespace: at.namespace, vaultSecret: at.name };
  const walk = new Walk((thrown, details) => problemOf(thrown, { ...context, ...details }));
  const vaultSecret = await walk.take('vaultSecret', at, (name) => findVaultSecret(tools, name));
  const connected = await walk.take('connection', vaultSecret, (found) =>
    findConnection(tools, found),
  );
  if (connected !== undefined) Object.assign(context, vaultDetails(connected));
  if (connected !== undefined && isLent(connected))
    await walk.take('lentIdentity', connected, hearOfLending);
  else await walkOwnIdentity(walk, tools, connected);
  await walkController(walk, vaultSecret);
  const steps = await withPrivateEndpoint(tools, walk.steps, connected);
  return { ...at, ...conclude(steps) };
}

/** Last, and once: with a binding or a lent identity it may have been heard already. */
async function walkController(walk: Walk, vaultSecret: VaultSecret | undefined): Promise<void> {
  if (walk.steps.some(({ step }) => step === 'controller')) return;
  const failed = walk.steps.filter(({ status }) => status === 'failed');
  const isHeard = failed.some(({ step }) => step === 'lentIdentity');
  const heard =
    vaultSecret === undefined || isHeard
      ? undefined
      : { vaultSecret, isWhole: failed.length === 0 };
  await walk.take('controller', heard, hearOfVaultSecret);
}

/** Whose identity reads, and whether its proof could be had. */
interface Proved {
  readonly access?: Access | undefined;
  /** The same, once it can be shown to Microsoft Entra ID. */
  readonly provable?: Access | undefined;
  readonly assertion?: Assertion | undefined;
  /** By an identity binding, which only a pod of the cluster can use. */
  readonly isBound?: boolean;
}

/** Read with what the caller can get hold of as well as the controller. */
async function walkOwnIdentity(
  walk: Walk,
  tools: DoctorTools,
  connected: Connected | undefined,
): Promise<void> {
  const { access, provable, assertion, isBound } = await walkProof(walk, tools, connected);
  const vault = await walk.take('vaultHost', connected, (found) => reachVault(tools, found));
  const ref = connected?.vaultSecret.spec.data.find(({ secret }) => secret !== undefined)
    ?.secret ?? { name: '' };
  const tenant = await walk.take('challenge', both(access, vault), ({ first, second }) =>
    checkTenant({ ...first, ref }, second),
  );
  await walk.take('clock', vault, (reached) => compareClocks(assertion, reached));
  if (isBound === true) return walkBinding(walk, tools, { connected, access });
  const token = await walk.take('exchange', provable, (found) => exchangeToken(tools, found));
  await walk.take('token', token, lookAtToken);
  if (connected === undefined) return;
  const isReady = tenant !== undefined && token !== undefined;
  const { vaultSecret } = connected;
  await takeObjectSteps(walk, tools, { vaultSecret, access: isReady ? access : undefined });
}

async function walkProof(
  walk: Walk,
  tools: DoctorTools,
  connected: Connected | undefined,
): Promise<Proved> {
  const spec = connected && servicePrincipalOf(connected);
  if (spec !== undefined) {
    const access = await walk.take('credential', connected, (found) =>
      findCredential(tools, found, spec),
    );
    return { access, provable: access };
  }
  const account = await walk.take('serviceAccount', connected, (found) =>
    findServiceAccount(tools, found),
  );
  const access = await walk.take('identity', both(connected, account), ({ first, second }) =>
    findIdentity(tools, first, second),
  );
  const mechanism = await walk.take('mechanism', connected, ({ vaultSecret }) =>
    findMechanism(tools, vaultSecret),
  );
  const isBound = mechanism === 'identityBinding';
  const source = isBound ? tools.bindingAssertions : tools.assertions;
  const assertion = await walk.take('tokenRequest', access, (found) => requestToken(source, found));
  return { access, provable: assertion && access, assertion, isBound };
}

/** As far as it can be seen from outside the pods of the cluster: what comes after is known to the controller alone. */
async function walkBinding(
  walk: Walk,
  tools: DoctorTools,
  { connected, access }: { connected: Connected | undefined; access: Access | undefined },
): Promise<void> {
  await walk.take('identityBinding', access, (found) => lookAtBinding(tools, found));
  await walk.take('controller', both(connected, access), ({ first, second }) =>
    hearOfBinding(first, second),
  );
}

/** What commands need to name the vault, and where its URL stands. */
function vaultDetails({ vaultSecret, connection, vaultUrl }: Connected): Record<string, string> {
  const { namespace, name } = vaultSecret;
  const vaultOwner =
    connection === undefined
      ? `vaultsecret ${name} --namespace ${namespace}`
      : connection.kind === 'VaultConnection'
        ? `vaultconnection ${connection.name} --namespace ${namespace}`
        : `clustervaultconnection ${connection.name}`;
  const isPrincipal = servicePrincipalOf({ vaultSecret, connection, vaultUrl }) !== undefined;
  return {
    vaultOwner,
    vaultHost: vaultHostOf(vaultUrl),
    vaultName: vaultNameOf(vaultUrl),
    ...(isPrincipal ? { principal: 'application' } : {}),
  };
}

/** The zone of a private endpoint can be linked only where there is one, which the public DNS tells. */
async function withPrivateEndpoint(
  tools: DoctorTools,
  steps: readonly Step[],
  connected: Connected | undefined,
): Promise<readonly Step[]> {
  const isShut = ({ problem }: Step): boolean => problem?.reason === 'KeyVaultPublicAccessDisabled';
  if (connected === undefined || !steps.some(isShut)) return steps;
  if (await hasPrivateEndpoint(tools, connected.vaultUrl)) return steps;
  return steps.map((step) =>
    step.problem !== undefined && isShut(step)
      ? { ...step, problem: { ...step.problem, commands: step.problem.commands.slice(1) } }
      : step,
  );
}

function conclude(steps: readonly Step[]): Pick<Diagnosis, 'passed' | 'steps' | 'fix'> {
  const failed = steps.find(({ status }) => status === 'failed');
  if (failed?.problem === undefined) return { passed: true, steps };
  const { step, object, problem } = failed;
  const { actor, commands } = problem;
  const where = object === undefined ? { step } : { step, object };
  return { passed: false, steps, fix: { ...where, actor, commands } };
}
