import { z } from 'zod';

const pattern = /^(\[[0-9a-f:]+\]|[^:]*):(\d{1,5})$/i;

/** Where a server listens. */
export function listenAddress(byDefault: string) {
  return z
    .string()
    .regex(pattern, 'must be HOST:PORT or :PORT')
    .default(byDefault)
    .transform((text) => {
      const [, host = '', port = ''] = pattern.exec(text) ?? [];
      return { host: host === '' ? '0.0.0.0' : host.replaceAll(/[[\]]/g, ''), port: Number(port) };
    })
    .refine(({ port }) => port <= 65_535, 'has a port above 65535');
}
