import { at } from '../support/standInWorld.ts';
import type { Exchange, Recording } from './recording.ts';

/** The body of a request: as recorded, but with the stand-in's own backup; else rebuilt. */
export function requestBodyOf(
  { exchanges }: Recording,
  { request, response }: Exchange,
  backup: unknown,
): unknown {
  const { method, path, body } = request;
  if (path.startsWith('/secrets/restore') && backup !== undefined) return backup;
  if (body !== null && body !== undefined) return body;
  const certificate = /^\/certificates\/([^/]+)\/create/.exec(path)?.[1];
  if (certificate !== undefined) {
    const shown = exchanges.find(
      ({ response: later }) => at(later.body, 'policy', 'x509_props') !== undefined,
    )?.response.body;
    return { policy: at(shown, 'policy'), tags: at(shown, 'tags') };
  }
  return method === 'PUT' ? bodyBehind(response.body) : undefined;
}

/** What must have been put for this to be answered. */
function bodyBehind(bundle: unknown): object {
  const attributes = at(bundle, 'attributes');
  return {
    value: at(bundle, 'value') ?? 'v',
    contentType: at(bundle, 'contentType'),
    tags: at(bundle, 'tags'),
    attributes: {
      enabled: at(attributes, 'enabled'),
      nbf: at(attributes, 'nbf'),
      exp: at(attributes, 'exp'),
    },
  };
}
