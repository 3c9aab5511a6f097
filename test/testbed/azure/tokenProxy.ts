import { createServer, type Server } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { AccessTokens } from './accessTokens.ts';
import type { CertificateAuthority } from './certificateAuthority.ts';
import {
  decodeAssertion,
  refuseSignature,
  resourceOf,
  type GrantDeps,
  type VerifyDeps,
} from './clientCredentials.ts';
import { openidConfiguration } from './entraDocuments.ts';
import { readBody, send, type Answer } from './httpAnswer.ts';
import type { RequestCounts } from './requestCounts.ts';

export interface TokenProxyDeps extends VerifyDeps, Pick<GrantDeps, 'directory'> {
  readonly tokens: AccessTokens;
  readonly counts: RequestCounts;
}

/** The name of the proxy in TLS; its address is that of the API server's network. */
export const tokenProxyName = 'testbed.ests.aks';
export const identityBindingAudience = 'api://AKSIdentityBinding';
const tokenSeconds = 3_599;

/**
 * The proxy of AKS identity bindings: judges the token of a ServiceAccount itself and asks whether it may use the
 * identity, here one of `identityBindings` of the application. Its refusals are documented nowhere: status alone.
 * https://learn.microsoft.com/en-us/azure/aks/identity-bindings-concepts
 */
export function createTokenProxy(deps: TokenProxyDeps, authority: CertificateAuthority): Server {
  const options = {
    SNICallback(host: string, done: (error: Error | null) => void) {
      if (host === tokenProxyName) done(null);
      else done(new Error('unknown server name'));
    },
    ...authority.leaf(tokenProxyName),
  };
  return createServer(options, (request, response) => {
    answer(deps, request).then(
      (found) => send(response, found),
      () => send(response, { status: 500 }),
    );
  });
}

async function answer(deps: TokenProxyDeps, request: IncomingMessage): Promise<Answer> {
  const { pathname } = new URL(request.url ?? '/', 'https://proxy');
  const [tenant = '', ...rest] = pathname.split('/').slice(1);
  const path = `${request.method ?? ''} ${rest.join('/')}`;
  if (path === 'GET v2.0/.well-known/openid-configuration')
    return {
      status: 200,
      body: openidConfiguration('https://login.microsoftonline.com', tenant, 'WW'),
    };
  if (path !== 'POST oauth2/v2.0/token') return { status: 404 };
  const form = new URLSearchParams(await readBody(request));
  const found = await judge(deps, tenant, form);
  const clientId = form.get('client_id') ?? undefined;
  deps.counts.add({ kind: 'proxyToken', clientId, status: found.status });
  return found;
}

async function judge(deps: TokenProxyDeps, tenant: string, form: URLSearchParams): Promise<Answer> {
  const assertion = form.get('client_assertion') ?? '';
  const decoded = decodeAssertion(assertion);
  if (decoded?.presented.audience !== identityBindingAudience) return { status: 401 };
  const { presented, kid } = decoded;
  if ((await refuseSignature(deps, presented, { assertion, kid })) !== undefined)
    return { status: 401 };
  const application = deps.directory.application(form.get('client_id') ?? '');
  const isBound = application?.identityBindings.includes(presented.subject) === true;
  if (!isBound || application.tenantId !== tenant) return { status: 403 };
  return {
    status: 200,
    body: {
      token_type: 'Bearer',
      expires_in: tokenSeconds,
      ext_expires_in: tokenSeconds,
      access_token: deps.tokens.issue(application, resourceOf(form), tokenSeconds),
    },
  };
}
