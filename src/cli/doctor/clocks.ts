import type { Assertion } from '../../identity/assertions.ts';
import { tokenClaims } from '../../identity/tokenClaims.ts';
import { ProblemError } from './problem.ts';
import type { ReachedVault } from './vaultSteps.ts';
import type { Reached } from './walk.ts';

/** What Microsoft Entra ID bears: https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes, AADSTS700024 */
const tolerableMs = 300_000;

/**
 * Compares the clocks of this machine and of the control plane, which signed the token just now, with that of the
 * vault. A wrong one makes good tokens expired and valid secrets invalid.
 */
export async function compareClocks(
  assertion: Assertion | undefined,
  { probe: { date }, answeredAt }: ReachedVault,
): Promise<Reached<number>> {
  if (date === undefined) return { value: 0, detail: 'the vault names no time' };
  const ownMs = answeredAt - date;
  const iat = assertion === undefined ? undefined : tokenClaims(assertion.token).iat;
  // It was signed before the vault answered, by no more than these few steps take.
  const clusterMs = iat === undefined ? 0 : iat * 1000 - date;
  if (Math.abs(ownMs) > tolerableMs) throw wrong('this machine', ownMs, 'HostClockWrong');
  if (Math.abs(clusterMs) > tolerableMs)
    throw wrong('the control plane', clusterMs, 'ControlPlaneClockWrong');
  const cluster = iat === undefined ? '' : `, the control plane ${said(clusterMs)}`;
  return {
    value: ownMs,
    detail: `compared with the vault this machine is ${said(ownMs)}${cluster}`,
  };
}

function wrong(whose: string, offMs: number, reason: string): ProblemError {
  return new ProblemError({
    reason,
    actor: 'cluster administrator',
    message: `Compared with Key Vault, the clock of ${whose} is ${said(offMs)}.`,
    remedy: `Have ${whose} follow a time server.`,
    commands: ['sudo timedatectl set-ntp true'],
  });
}

function said(offMs: number): string {
  const seconds = Math.round(Math.abs(offMs) / 1000);
  return `${seconds} s ${offMs < 0 ? 'behind' : 'ahead'}`;
}
