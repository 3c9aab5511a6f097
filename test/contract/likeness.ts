import type { Reply } from '../support/standInWorld.ts';
import type { Exchange } from './recording.ts';

/**
 * Are a recorded answer and the stand-in's alike? Compared are status, texts, the set and order of
 * keys, and every value that is not random, a time, a name of a host or a token: those by their type.
 */
export function differenceOf({ response, evidence }: Exchange, reply: Reply): string | undefined {
  const isWhole = evidence === 'recorded';
  const headers = new Set([...Object.keys(response.headers), ...(isWhole ? tellingHeaders : [])]);
  const isBodyShown = isWhole || response.body !== null;
  const shown = ({ status, headers: all, body }: Reply): string =>
    JSON.stringify(
      normalised({ status, headers: picked(all, headers), body: isBodyShown ? body : undefined }),
      undefined,
      1,
    );
  const expected = shown({ ...response, status: response.status ?? 0 });
  const actual = shown(reply);
  return expected === actual ? undefined : firstDifference(expected, actual);
}

/** Compared also where a recording lacks them: a client acts on them. */
const tellingHeaders = ['www-authenticate', 'retry-after', 'location'];
const headersCompared: ReadonlySet<string> = new Set([
  'www-authenticate',
  'content-type',
  'retry-after',
  'location',
  'x-ms-clitelem',
  'x-ms-keyvault-rbac-assignment-id',
  'x-ms-keyvault-service-version',
  'x-ms-keyvault-region',
]);

function picked(all: Reply['headers'], names: ReadonlySet<string>): object {
  const compared = [...names].filter((name) => headersCompared.has(name)).sort();
  return Object.fromEntries(compared.map((name) => [name, shownHeader(name, String(all[name]))]));
}

function shownHeader(name: string, value: string): string {
  if (name === 'x-ms-keyvault-rbac-assignment-id') return value === 'undefined' ? value : 'present';
  if (name === 'content-type') return value.split(';')[0] ?? '';
  if (name !== 'www-authenticate') return shownText(value);
  return value
    .replace(/realm=.*\//, 'realm=<folder>/')
    .replace(/authorization="(https:\/\/[^/"]+\/)?[^"]*"/, 'authorization="…"')
    .replace(/resource="[^"]*"/, 'resource="…"');
}

/** Values of these keys differ from answer to answer. */
const random: ReadonlySet<string> = new Set(
  'created updated deletedDate scheduledPurgeDate expires_in expires_on ext_expires_in not_before access_token csr cer x5t request_id trace_id correlation_id correlationId timestamp client_id'.split(
    ' ',
  ),
);
/** Of a certificate these follow its time of creation. */
const certificateTimes: ReadonlySet<string> = new Set(['nbf', 'exp']);

function normalised(value: unknown, isCertificate = false): unknown {
  if (typeof value === 'string') return shownText(value);
  if (Array.isArray(value)) return value.map((item) => normalised(item, isCertificate));
  if (typeof value !== 'object' || value === null) return value;
  const isOne = isCertificate || 'cer' in value || 'managed' in value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (random.has(key) || (isOne && certificateTimes.has(key))) return [key, `<${typeof item}>`];
      if (isOne && key === 'value' && typeof item === 'string') return [key, '<string>'];
      return [key, normalised(item, isOne)];
    }),
  );
}

const replacements: readonly (readonly [RegExp, string])[] = [
  [/^KUF6dXJlS2V5VmF1bHRTZWNyZXRCYWNrdXB.*/s, '<backup>'],
  [
    /https:\/\/[^/:\s"]+(:443)?(?=\/(secrets|deletedsecrets|keys|certificates)\b)/g,
    'https://<host>$1',
  ],
  [/(?<=[/=])[0-9a-f]{32}\b/g, '<version>'],
  [/(?<=skiptoken=)[^&]+/, '<token>'],
  [/(?<=Client address: )\S+/, '<address>'],
  [/(?<=(Trace|Correlation) ID: )[-0-9a-f]+/g, '<id>'],
  [/(?<=Timestamp: )[-0-9]+ [:0-9]+Z/, '<time>'],
  [/\d{4}-\d{2}-\d{2}T[:0-9]+\.\d{7}Z/g, '<time>'],
  [/(?<=^Unknown Source ).*/, '<uri>'],
  [/(?<=see logs in ).*/, '<file>'],
  [/(?<=https:\/\/)\w+(?=\.login\.microsoft\.com\/)/, '<region>'],
  // The number was replaced by a recorder in one place.
  [/(?<=error\?code=)\w+/, '<code>'],
];

function shownText(text: string): string {
  return replacements.reduce((left, [pattern, by]) => left.replace(pattern, by), text);
}

function firstDifference(expected: string, actual: string): string {
  const theirs = expected.split('\n');
  const ours = actual.split('\n');
  const index = theirs.findIndex((line, at) => line !== ours[at]);
  const line = index < 0 ? theirs.length : index;
  return `recorded ${theirs[line]?.trim() ?? 'nothing more'} but was ${ours[line]?.trim() ?? 'nothing more'}`;
}
