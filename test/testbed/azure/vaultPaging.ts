import { Buffer } from 'node:buffer';
import { z } from 'zod';

/** Key Vault serves 25 items a page and takes no larger maxresults. */
const largestPage = 25;

export interface Page {
  items: readonly object[];
  /** Key of the first item of the next page, or undefined on the last. */
  next: string | undefined;
  emptyPageFirst: boolean;
}

export interface PageQuery {
  apiVersion: string;
  maxResults: number | undefined;
  marker: { key: string; isEmptyPage: boolean } | undefined;
}

/**
 * Rows in order, by key (upper-cased name, or name/version), and what each shows, if anything.
 * A page ends after so many items, or, where `limits` says so, after so many rows: the recorded
 * lists of deleted secrets walk over names and versions alike, whence their many empty pages.
 */
export interface Listing {
  sortedKeys: readonly string[];
  limits: 'items' | 'rows';
  show: (key: string) => object | undefined;
}

const tokenSchema = z.object({ NextMarker: z.string(), TargetLocation: z.number() });

/** Undefined where a parameter is not acceptable. */
export function readPageQuery(apiVersion: string, query: URLSearchParams): PageQuery | undefined {
  const maxResults = query.get('maxresults');
  const count = maxResults === null ? undefined : Number(maxResults);
  if (count !== undefined && !(Number.isInteger(count) && count >= 1 && count <= largestPage)) {
    return undefined;
  }
  const skipToken = query.get('$skiptoken');
  if (skipToken === null) return { apiVersion, maxResults: count, marker: undefined };
  const marker = decodeSkipToken(skipToken);
  return marker === undefined ? undefined : { apiVersion, maxResults: count, marker };
}

/**
 * Cuts one page; with `emptyPages` an empty one goes before each after the first. The next page
 * begins at the next row, whatever that shows: so the last page may be empty.
 */
export function cutPage(listing: Listing, query: PageQuery, emptyPages: boolean): Page {
  const { marker } = query;
  if (marker?.isEmptyPage === true) return { items: [], next: marker.key, emptyPageFirst: false };
  const { sortedKeys, limits, show } = listing;
  const size = query.maxResults ?? largestPage;
  const start = marker === undefined ? 0 : firstIndexFrom(sortedKeys, marker.key);
  const items: object[] = [];
  let index = start;
  while (index < sortedKeys.length && (limits === 'items' ? items.length : index - start) < size) {
    const item = show(sortedKeys[index] ?? '');
    if (item !== undefined) items.push(item);
    index += 1;
  }
  return { items, next: sortedKeys[index], emptyPageFirst: emptyPages };
}

function firstIndexFrom(sortedKeys: readonly string[], key: string): number {
  let low = 0;
  let high = sortedKeys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sortedKeys[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The link as the service writes it: `:443`, a literal `$skiptoken`, maxresults last and only if sent. */
export function nextLink(host: string, path: string, query: PageQuery, page: Page): string | null {
  if (page.next === undefined) return null;
  const token = encodeSkipToken(page.next, page.emptyPageFirst);
  const maxResults = query.maxResults === undefined ? '' : `&maxresults=${query.maxResults}`;
  return `https://${host}:443${path}?api-version=${query.apiVersion}&$skiptoken=${token}${maxResults}`;
}

/**
 * The recorded marker: `<length>!secret/<KEY>!000028!<latest date>!` in base64 with `-` for `=`.
 * TargetLocation is 0 in every recording; here 1 asks for the empty page before the key.
 */
function encodeSkipToken(key: string, isEmptyPage: boolean): string {
  const target = `secret/${key}`;
  const length = String(target.length).padStart(6, '0');
  const marker = `${length}!${target}!000028!9999-12-31T23:59:59.9999999Z!`;
  const encoded = Buffer.from(marker).toString('base64').replaceAll('=', '-');
  const token = {
    NextMarker: `2!${encoded.length}!${encoded}`,
    TargetLocation: isEmptyPage ? 1 : 0,
  };
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function decodeSkipToken(skipToken: string): { key: string; isEmptyPage: boolean } | undefined {
  try {
    const json: unknown = JSON.parse(Buffer.from(skipToken, 'base64url').toString());
    const token = tokenSchema.parse(json);
    const encoded = token.NextMarker.split('!')[2] ?? '';
    const marker = Buffer.from(encoded.replaceAll('-', '='), 'base64').toString();
    const key = /^\d+!secret\/([^!]+)!/.exec(marker)?.[1];
    return key === undefined ? undefined : { key, isEmptyPage: token.TargetLocation === 1 };
  } catch {
    return undefined;
  }
}
