import { azureClouds } from '../../../src/api/cloud.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import type { WorkloadIdentity } from '../../../src/core/observed/identity.ts';
import { redact, reveal } from '../../../src/core/redacted.ts';
import { createAssertionSource, type AssertionSource } from '../../../src/identity/assertions.ts';
import { KubeApiError, type KubeApiErrorFields } from '../../../src/ports/kube.ts';
import type {
  ServiceAccountTokenClient,
  ServiceAccountTokenRequest,
} from '../../../src/ports/secrets.ts';
import { createManualClock, type ManualClock } from '../../support/manualClock.ts';
import { explained } from '../explained.ts';

const identity: WorkloadIdentity = {
  kind: 'workloadIdentity',
  namespace: 'shop',
  serviceAccountName: 'sa',
  serviceAccountUid: 'u1',
  clientId: 'c',
  tenantId: 't',
  cloud: azureClouds.AzurePublic,
};

const noTokenFile = () => Promise.reject(new Error('there is none'));

let clock: ManualClock;
let asked: ServiceAccountTokenRequest[];
let assertions: AssertionSource;
/** The uid that the cluster's ServiceAccount has now. */
let currentUid: string;
/** An API server too old to compare the uid. */
let ignoresUid: boolean;

const apiServer: ServiceAccountTokenClient = {
  async request(request) {
    asked.push(request);
    if (!ignoresUid && request.uid !== currentUid)
      throw new KubeApiError({ status: 409, reason: 'Conflict', message: 'uid' });
    const token = jwt(currentUid);
    return { token: redact(token), expiresAt: clock.now() + request.expirationSeconds * 1_000 };
  },
};

function jwt(uid: string): string {
  const claims = {
    iss: 'https://issuer',
    sub: 'system:serviceaccount:shop:sa',
    'kubernetes.io': { serviceaccount: { uid } },
  };
  return ['h', Buffer.from(JSON.stringify(claims)).toString('base64url'), `s${asked.length}`].join(
    '.',
  );
}

beforeEach(() => {
  clock = createManualClock(0);
  asked = [];
  currentUid = 'u1';
  ignoresUid = false;
  assertions = createAssertionSource(apiServer, noTokenFile, { clock });
});

describe('the assertion of a ServiceAccount', () => {
  test('is asked for with its uid and the audience of the exchange, and says issuer and subject', async () => {
    const assertion = await assertions.acquire(identity);
    expect(asked).toEqual([
      {
        namespace: 'shop',
        name: 'sa',
        uid: 'u1',
        audience: 'api://AzureADTokenExchange',
        expirationSeconds: 3_600,
      },
    ]);
    expect(assertion).toMatchObject({
      issuer: 'https://issuer',
      subject: 'system:serviceaccount:shop:sa',
    });
    expect(reveal(assertion.token)).toBe(jwt('u1'));
  });

  test('is kept for all clients of the ServiceAccount, until it is forgotten', async () => {
    const first = await assertions.acquire(identity);
    expect(await assertions.acquire({ ...identity, clientId: 'other' })).toBe(first);
    assertions.forget(identity);
    expect(await assertions.acquire(identity)).not.toBe(first);
  });

  test('is not that of a ServiceAccount made again under the same name, nor of another namespace', async () => {
    await assertions.acquire(identity);
    currentUid = 'u2';
    await assertions.acquire({ ...identity, serviceAccountUid: 'u2' });
    expect(asked.map(({ uid }) => uid)).toEqual(['u1', 'u2']);
    currentUid = 'u1';
    await assertions.acquire({ ...identity, namespace: 'other' });
    expect(asked).toHaveLength(3);
  });
});

describe('a refused TokenRequest', () => {
  test.each([true, false])(
    'is one for another uid (API server ignores it: %s)',
    async (ignores) => {
      currentUid = 'u2';
      ignoresUid = ignores;
      await expect(assertions.acquire(identity)).rejects.toMatchObject({
        reason: 'TokenRequestRefused',
        details: { namespace: 'shop', serviceAccount: 'sa', status: 409 },
      });
    },
  );

  test.each<readonly [KubeApiErrorFields['refusedBy'], string, string]>([
    [
      { kind: 'rights', user: 'system:serviceaccount:ops:vaultsecret', verb: 'create' },
      'TokenRequestForbidden',
      'kubectl auth can-i create serviceaccounts --subresource token --namespace shop --as system:serviceaccount:ops:vaultsecret',
    ],
    [
      { kind: 'rights', user: undefined, verb: 'create' },
      'TokenRequestForbidden',
      '--as system:serviceaccount:<namespace of the controller>',
    ],
    [undefined, 'RequestForbidden', 'The answer names no missing right'],
    [
      { kind: 'mutatingPolicy', name: 'add' },
      'PolicyRefused',
      'kubectl describe mutatingadmissionpolicy add',
    ],
    [{ kind: 'policy', name: 'no' }, 'PolicyRefused', 'refused a token of ServiceAccount sa'],
    [{ kind: 'terminatingNamespace' }, 'NamespaceTerminating', 'Namespace shop is being deleted'],
  ])('by %j says what helps', async (refusedBy, reason, words) => {
    const refusal = new KubeApiError({ status: 403, reason: 'Forbidden', message: '', refusedBy });
    const refusing = createAssertionSource(
      { request: () => Promise.reject(refusal) },
      noTokenFile,
      { clock },
    );
    const failure = await explained(refusing.acquire(identity), [words]);
    expect(failure.reason).toBe(reason);
  });

  test('keeps the time that the API server asks for', async () => {
    const busy = createAssertionSource(
      {
        request: () =>
          Promise.reject(
            new KubeApiError({ status: 429, reason: '', message: '', retryAfterMs: 2_000 }),
          ),
      },
      noTokenFile,
      { clock },
    );
    await expect(busy.acquire(identity)).rejects.toMatchObject({
      details: { status: 429 },
      retryAfterMs: 2_000,
    });
  });

  test.each(['', 'a.b.c', `h.${btoa('{}')}.s`])(
    'is an answer that is no token: %j',
    async (token) => {
      const odd = createAssertionSource(
        { request: async () => ({ token: redact(token), expiresAt: 1 }) },
        noTokenFile,
        { clock },
      );
      await expect(odd.acquire(identity)).rejects.toMatchObject({
        reason: 'TokenRequestRefused',
        details: { status: 0 },
      });
    },
  );
});
