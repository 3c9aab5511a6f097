import type { ErrorDetails } from '../../core/errors/errors.ts';
import type { Problem } from './problem.ts';

/** In the order in which they are taken, with the words for people. */
export const stepTitles = {
  vaultSecret: 'VaultSecret',
  connection: 'connection and grant',
  serviceAccount: 'ServiceAccount',
  identity: 'client id and tenant',
  mechanism: 'mechanism',
  tokenRequest: 'TokenRequest',
  credential: 'stored credential',
  vaultHost: 'DNS and TLS of the vault',
  challenge: 'tenant of the vault',
  clock: 'clocks',
  exchange: 'federated credential',
  token: 'access token',
  permission: 'permission',
  object: 'object',
  lentIdentity: 'lent identity',
  identityBinding: 'identity binding',
  controller: 'word of the controller',
} as const;

export type StepName = keyof typeof stepTitles;

export interface Step {
  readonly step: StepName;
  /** Where there is one for each. */
  readonly object?: string;
  readonly status: 'passed' | 'failed' | 'notReached';
  readonly detail?: string;
  readonly problem?: Problem;
}

/** What a step found out, for those after it and for people. */
export interface Reached<T> {
  readonly value: T;
  readonly detail: string;
  /** The caller may not look, as `detail` says; the step counts as not reached. */
  readonly isUnseen?: boolean;
}

type Explain = (thrown: unknown, details: ErrorDetails) => Problem;

/** Keeps what was met on the way. Guarantees: no step is missing, whatever happened to those before it. */
export class Walk {
  readonly steps: Step[] = [];
  readonly #explain: Explain;

  constructor(explain: Explain) {
    this.#explain = explain;
  }

  /** Undefined when the step failed, or when it needs what was not reached. */
  async take<Needs, T>(
    step: StepName,
    needs: Needs | undefined,
    attempt: (needs: Needs) => Promise<Reached<T>>,
  ): Promise<T | undefined> {
    if (needs === undefined) {
      this.add({ step, status: 'notReached' });
      return undefined;
    }
    try {
      const { value, detail, isUnseen = false } = await attempt(needs);
      this.add({ step, status: isUnseen ? 'notReached' : 'passed', detail });
      return value;
    } catch (thrown) {
      this.fail({ step }, thrown);
      return undefined;
    }
  }

  add(step: Step): void {
    this.steps.push(step);
  }

  fail(step: Pick<Step, 'step' | 'object'>, thrown: unknown, details: ErrorDetails = {}): void {
    this.add({ ...step, status: 'failed', problem: this.#explain(thrown, details) });
  }
}

export function both<A, B>(
  first: A | undefined,
  second: B | undefined,
): { readonly first: A; readonly second: B } | undefined {
  return first === undefined || second === undefined ? undefined : { first, second };
}
