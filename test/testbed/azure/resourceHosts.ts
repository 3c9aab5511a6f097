import type { IncomingMessage } from 'node:http';
import type { AccessTokenClaims } from './accessTokens.ts';
import { headerOf, type Answer } from './httpAnswer.ts';
import type { StandInState } from './standInState.ts';

/** A service that takes tokens of one audience, by the suffix of its hosts. */
interface Resource {
  readonly host: RegExp;
  readonly audiences: readonly string[];
}

/**
 * Services of which the stand-in serves nothing but the question who is there: each compares the audience exactly.
 * Azure SQL speaks TDS and not HTTP; what stands here is only its judgement of a token.
 * https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/services-id-authentication-support
 */
const resources: readonly Resource[] = [
  { host: /^management[.]azure[.]com$/, audiences: ['https://management.azure.com'] },
  {
    host: /[.](blob|dfs|queue|table)[.]core[.]windows[.]net$/,
    audiences: ['https://storage.azure.com'],
  },
  { host: /[.]azuredatalakestore[.]net$/, audiences: ['https://datalake.azure.net'] },
  { host: /[.]database[.]windows[.]net$/, audiences: ['https://database.windows.net'] },
  {
    host: /[.]servicebus[.]windows[.]net$/,
    audiences: ['https://servicebus.azure.net', 'https://eventhubs.azure.net'],
  },
];

export function isResourceHost(host: string): boolean {
  return resourceAt(host) !== undefined;
}

function resourceAt(host: string): Resource | undefined {
  return resources.find((resource) => resource.host.test(host));
}

/** 200 with the caller's client id for a token of this service, else 401. */
export function answerResource(
  state: StandInState,
  host: string,
  request: IncomingMessage,
): Answer {
  const claims = callerOf(state, request);
  if (claims === undefined || resourceAt(host)?.audiences.includes(claims.aud) !== true) {
    state.counts.add({ kind: 'resource', status: 401 });
    return {
      status: 401,
      body: {
        error: {
          code: 'InvalidAuthenticationTokenAudience',
          message: 'The access token has been obtained for wrong audience or resource.',
        },
      },
    };
  }
  state.counts.add({ kind: 'resource', clientId: claims.appid, status: 200 });
  return { status: 200, body: { clientId: claims.appid } };
}

/** By the bearer token, if Entra ID issued it and it lasts. */
function callerOf(
  { tokens }: StandInState,
  request: IncomingMessage,
): AccessTokenClaims | undefined {
  const token = headerOf(request, 'authorization')?.replace(/^Bearer /, '') ?? '';
  const verdict = tokens.check(token);
  return verdict.kind === 'valid' ? verdict.claims : undefined;
}
