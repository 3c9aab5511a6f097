import { describe, expect, test } from 'vitest';
import { refusedBy } from '../../../src/kube/refusedBy.ts';

// Texts as kube-apiserver 1.36.3 answered them, and its source words those without a binding.
describe('who refused is read', () => {
  test.each([
    [
      'secrets "a" is forbidden: User "system:serviceaccount:q:nobody" cannot patch resource "secrets" in API group "" in the namespace "q"',
      { kind: 'rights', user: 'system:serviceaccount:q:nobody', verb: 'patch' },
    ],
    [
      'secrets "c" is forbidden: exceeded quota: secrets-quota, requested: count/secrets=1, used: count/secrets=1, limited: count/secrets=1',
      { kind: 'quota', name: 'secrets-quota' },
    ],
    [
      'secrets "c" is forbidden: status unknown for quota: secrets-quota, resources: count/secrets',
      { kind: 'quota', name: 'secrets-quota' },
    ],
    [
      `secrets "denied" is forbidden: ValidatingAdmissionPolicy 'no-secrets.example.com' with binding 'b' denied request: text`,
      { kind: 'policy', name: 'no-secrets.example.com' },
    ],
    [
      `secrets "denied" is forbidden: ValidatingAdmissionPolicy 'no-secrets.example.com' denied request: text`,
      { kind: 'policy', name: 'no-secrets.example.com' },
    ],
    [
      `policy 'team-label' with binding 'team-label-binding' denied request: expression '[JSONPatch{op: "add"}]' resulted in error: no such key: annotations`,
      { kind: 'mutatingPolicy', name: 'team-label' },
    ],
    [
      'policy "team-label" denied request: failed to configure policy: text',
      { kind: 'mutatingPolicy', name: 'team-label' },
    ],
    [
      'secrets "a" is forbidden: User "oidc:Ann O\'Neil \\"x\\"" cannot patch resource "secrets" in API group "" in the namespace "q"',
      { kind: 'rights', user: undefined, verb: 'patch' },
    ],
    [
      'secrets "a" is forbidden: User "$(rm -rf /)" cannot patch resource "secrets"',
      { kind: 'rights', user: undefined, verb: 'patch' },
    ],
    [
      'admission webhook "no.example.com" denied the request: text',
      { kind: 'webhook', name: 'no.example.com' },
    ],
    [
      'Internal error occurred: failed calling webhook "broken.example.com": failed to call webhook: Post "https://127.0.0.1:1/x?timeout=1s": dial tcp 127.0.0.1:1: connect: connection refused',
      { kind: 'brokenWebhook', name: 'broken.example.com' },
    ],
  ])('from %j', (message, expected) => {
    expect(refusedBy(message, [])).toEqual(expected);
  });

  test('from the reason of a cause', () => {
    expect(refusedBy('', [{ reason: 'NamespaceTerminating' }])).toEqual({
      kind: 'terminatingNamespace',
    });
  });
});

describe('nobody is named', () => {
  test.each([
    '',
    'Secret "big" is invalid: data: Too long: may not be more than 1048576 bytes',
    'secrets "a" is forbidden: unable to create new content in namespace term because it is being terminated',
    'secrets "a" is forbidden: not yet ready to handle request',
    'secrets "a" is forbidden: text of a plugin: User "admin" cannot patch resource "secrets"',
    "policy 'a; rm -rf /' with binding 'b' denied request: text",
    "text: policy 'a' with binding 'b' denied request: text",
    'admission webhook "a; rm -rf /" denied the request: text',
  ])('in %j', (message) => {
    expect(refusedBy(message, [{ reason: '' }])).toBeUndefined();
  });

  test('by the text of whoever refused', () => {
    const text = 'x is forbidden: User "admin" cannot patch resource "secrets"';

    expect(refusedBy(`admission webhook "no.example.com" denied the request: ${text}`, [])).toEqual(
      {
        kind: 'webhook',
        name: 'no.example.com',
      },
    );
  });
});
