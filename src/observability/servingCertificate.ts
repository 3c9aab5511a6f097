import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Clock, Log } from '../ports/system.ts';
import { ListenError } from './listen.ts';

/** PEM. */
export interface ServingCertificate {
  readonly cert: string;
  readonly key: string;
}

/** Looked at so often: the kubelet takes up to a minute to bring a renewed Secret into the pod anyway. */
const lookEveryMs = 10_000;

/** As a Secret of type kubernetes.io/tls is mounted. @throws ListenError */
export async function readServingCertificate(directory: string): Promise<ServingCertificate> {
  try {
    const [cert, key] = await Promise.all(
      ['tls.crt', 'tls.key'].map(async (name) => readFile(join(directory, name), 'utf8')),
    );
    const certificate = { cert: cert ?? '', key: key ?? '' };
    createSecureContext(certificate);
    return certificate;
  } catch (cause) {
    const isMissing = cause instanceof Error && 'path' in cause;
    const problem = isMissing ? 'cannot be read' : 'are no certificate with its key in PEM';
    throw new ListenError(
      `tls.crt and tls.key in ${directory} ${problem}; choose another with --metrics-cert-dir`,
      { cause },
    );
  }
}

export interface RenewalDeps {
  readonly directory: string;
  readonly current: ServingCertificate;
  readonly clock: Clock;
  readonly log: Log;
  readonly use: (certificate: ServingCertificate) => void;
}

/** Takes up what replaces the files, and stays with what it has while that cannot be used. Returns how to end it. */
export function followRenewals({ directory, clock, log, use, ...deps }: RenewalDeps): () => void {
  let { current } = deps;
  let hasEnded = false;
  let cancel = clock.schedule(lookEveryMs, look);

  function look(): void {
    take()
      .catch(() => log.warn('metrics certificate not renewed'))
      .finally(() => {
        if (!hasEnded) cancel = clock.schedule(lookEveryMs, look);
      });
  }

  async function take(): Promise<void> {
    const found = await readServingCertificate(directory);
    if (found.cert === current.cert && found.key === current.key) return;
    use(found);
    current = found;
    log.info('metrics certificate renewed');
  }

  return () => {
    hasEnded = true;
    cancel();
  };
}
