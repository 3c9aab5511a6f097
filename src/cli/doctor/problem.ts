import { fixCommandsOf } from '../../core/errors/fixCommands.ts';
import { remedyOf, toReconcileError, type ErrorDetails } from '../../core/errors/errors.ts';
import { installCrdsCommand } from '../../kube/preflight.ts';
import { KubeApiError } from '../../ports/kube.ts';

/** Why a step failed, who can end it, and how. */
export interface Problem {
  /** Of the catalogue; what only this command can say has none. */
  readonly code?: string;
  readonly reason: string;
  readonly actor: string;
  readonly message: string;
  readonly remedy: string;
  /** For a shell. Of several the next is for when the one before finds nothing to do. */
  readonly commands: readonly string[];
}

/** A failure that the catalogue does not know, because only this command meets it. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** In the words of the catalogue; `context` fills in what a command needs and the error does not know. */
export function problemOf(thrown: unknown, context: ErrorDetails): Problem {
  if (thrown instanceof ProblemError) return thrown.problem;
  if (thrown instanceof KubeApiError) return apiProblem(thrown);
  const error = toReconcileError(thrown);
  const { code, actor } = error.entry;
  return {
    code,
    reason: error.reason,
    actor,
    message: error.message,
    remedy: remedyOf(error),
    // Nothing can run one with a hole.
    commands: fixCommandsOf(error.reason, { ...context, ...error.details }).filter(
      (command) => !/\{\w+\}/.test(command),
    ),
  };
}

/** Somebody may not look at what has to be looked at, or nobody answers. */
function apiProblem({ status, message, reason, refusedBy }: KubeApiError): Problem {
  const actor = 'cluster administrator';
  if (status === 404 && reason === '')
    return {
      reason: 'CustomResourceDefinitionMissing',
      actor,
      message: 'The cluster does not know the resources of vaultsecret.dev.',
      remedy: 'Install the CustomResourceDefinitions.',
      commands: [installCrdsCommand],
    };
  if (status === 401)
    return {
      reason: 'CallerForbidden',
      actor,
      message: 'The API server does not accept your credentials (status 401).',
      remedy: 'Log in again, so that kubectl works with the same kubeconfig.',
      commands: ['kubectl auth whoami'],
    };
  if (status === 403)
    return {
      reason: 'CallerForbidden',
      actor,
      ...(refusedBy?.kind === 'rights' ? rightMissing(refusedBy.user) : unexplained),
    };
  return {
    reason: 'ApiServerUnavailable',
    actor: 'nobody',
    message:
      status === 0
        ? `The API server cannot be asked: ${message}.`
        : `The API server did not answer as it should (status ${status}: ${message}).`,
    remedy: 'See that kubectl works with the same kubeconfig.',
    commands: ['kubectl cluster-info'],
  };
}

/** This command acts with the rights of its caller. */
function rightMissing(user = 'you') {
  return {
    message: `The API server does not let ${user} look at this (status 403).`,
    remedy: 'This command acts with your own rights; it needs get on what it walks through.',
    commands: ['kubectl auth can-i --list'],
  };
}

const unexplained = {
  message:
    'The API server, or a proxy before it, refused this (status 403) and named no missing right.',
  remedy: 'The audit log of the API server has the reason.',
  commands: ['kubectl auth can-i --list'],
};
