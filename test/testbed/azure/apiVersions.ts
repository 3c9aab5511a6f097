/** Data-plane versions, oldest to newest (Azure/azure-rest-api-specs, keyvault/data-plane). */
const apiVersions = [
  '2015-06-01',
  '2016-10-01',
  '7.0-preview',
  '7.0',
  '7.1-preview',
  '7.1',
  '7.2-preview',
  '7.2',
  '7.3-preview',
  '7.3',
  '7.4-preview.1',
  '7.4',
  '7.5-preview.1',
  '7.5',
  '7.6-preview.1',
  '7.6-preview.2',
  '7.6',
  '2025-06-01-preview',
  '2025-07-01',
  '2026-01-01-preview',
  '2026-03-01-preview',
  '2026-04-01',
];

/** What the public cloud supports; private clouds lag years behind. */
export const latestApiVersion = '2026-04-01';

export function isKnownApiVersion(version: string): boolean {
  return apiVersions.includes(version);
}

/** Is `version` the same as `other` or newer? Both must be known. */
export function isApiVersionSince(version: string, other: string): boolean {
  return apiVersions.indexOf(version) >= apiVersions.indexOf(other);
}
