import type { ObservedSecret } from './observed.ts';

/** Which state of the Secret a write is meant for; any other state refuses it. */
export type Fence =
  | { readonly kind: 'absent' }
  | { readonly kind: 'exactly'; readonly uid: string; readonly resourceVersion: string };

export function fenceOf({ uid, resourceVersion }: ObservedSecret): Fence {
  return { kind: 'exactly', uid, resourceVersion };
}
