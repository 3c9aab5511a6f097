import type { VaultSecret } from './observed.ts';

/** The annotation asks for one that was not acted on; taking it off asks for none. */
export function isRefreshAsked({ refresh, status }: VaultSecret): boolean {
  return refresh !== undefined && refresh !== status.observedRefresh;
}
