import { expect, test } from 'vitest';

import { at } from '../../../support/standInWorld.ts';
import { entraRefusals, type EntraRefusal } from '../../../testbed/azure/entraErrors.ts';
import { refusalAnswer } from '../../../testbed/azure/entraWording.ts';

const bodyOn = (refusal: EntraRefusal, day: string | undefined): unknown =>
  refusalAnswer(refusal, { nowMs: 0, correlationId: 'c', day }).body;

/** The text between the code and the trace. */
function textOn(refusal: EntraRefusal, day: string | undefined): string {
  const description = String(at(bodyOn(refusal, day), 'error_description'));
  return description.replace(/^AADSTS\d+: /, '').replace(/\s+Trace ID: .*$/s, '');
}

const subject = entraRefusals.subjectMismatch('s');
const issuer = entraRefusals.issuerMismatch('i');

test.each<[string, EntraRefusal, string | undefined, RegExp]>([
  [
    'a secret',
    entraRefusals.wrongClientSecret('app'),
    '2021-07-05',
    /^Invalid client secret is provided\.$/,
  ],
  ['a secret', entraRefusals.wrongClientSecret('app'), '2022-08-08', /Ensure .* app 'app'\.$/],
  [
    'an old secret',
    entraRefusals.expiredClientSecret('app'),
    '2020-04-13',
    /^The provided client secret keys are expired\.$/,
  ],
  [
    'an old secret',
    entraRefusals.expiredClientSecret('app'),
    '2020-10-26',
    /are expired\. Visit .*-credentials$/,
  ],
  [
    'an old secret',
    entraRefusals.expiredClientSecret('app'),
    '2023-03-02',
    /for app 'app' are expired/,
  ],
  [
    'a tenant',
    entraRefusals.unknownTenant('t'),
    '2021-08-05',
    /^Tenant 't' not found\. This may happen/,
  ],
  [
    'a tenant',
    entraRefusals.unknownTenant('t'),
    '2022-08-02',
    /^Tenant 't' not found\. Check to make sure/,
  ],
  ['a subject', subject, '2024-04-26', /'s'\. Please check .*https:\/\/docs\./],
  [
    'a subject',
    subject,
    '2024-11-06',
    /'s'\. Please note .* comparison\. Check .*https:\/\/learn\./,
  ],
  ['a subject', subject, '2025-11-03', /'s'\. Check .*https:\/\/learn\./],
  ['an issuer', issuer, '2024-07-04', /'i'\. Please check .*https:\/\/docs\./],
  ['an issuer', issuer, '2025-07-01', /'i'\. Please check .*https:\/\/learn\./],
  ['an issuer', issuer, undefined, /'i'\. Check .*https:\/\/learn\./],
])('the refusal of %s is worded as on its day (%#)', (_what, refusal, day, text) => {
  expect(textOn(refusal, day)).toMatch(text);
});

test.each([
  ['2023-08-17', '\r\n'],
  ['2023-12-08', ' '],
  [undefined, ' '],
])('what follows the text is set apart as on %s', (day, joiner) => {
  const description = String(at(bodyOn(subject, day), 'error_description'));

  expect(description).toContain(`${joiner}Correlation ID: c${joiner}Timestamp: `);
});

test('the oldest refusal of a secret has no page, all others have one', () => {
  const secret = entraRefusals.expiredClientSecret('app');

  expect(bodyOn(secret, '2020-04-13')).not.toHaveProperty('error_uri');
  expect(bodyOn(secret, '2020-10-26')).toHaveProperty('error_uri');
  expect(bodyOn(entraRefusals.wrongClientSecret('app'), '2020-04-07')).toHaveProperty('error_uri');
});
