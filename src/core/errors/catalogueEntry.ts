/**
 * When it is worth trying again. `backoff`: it may pass by itself. `throttled`: when the service allows.
 * `awaitChange`: somebody must change something that our watches see. `pollChange`: the same, but no watch sees it.
 * `pollVault`: Key Vault lacks it; at first Key Vault may still disagree with itself, later the next refresh is soon enough.
 * `awaitRefresh`: what was read cannot be written, and the same objects give the same failure: a watch sees a change of
 * the spec or the Secret, the next refresh one of the vault.
 */
export type RetryClass =
  | 'backoff'
  | 'throttled'
  | 'awaitChange'
  | 'pollChange'
  | 'pollVault'
  | 'awaitRefresh';

/** Who can end the failure. */
export type Actor = 'application team' | 'cluster administrator' | 'Azure administrator' | 'nobody';

export interface CatalogueEntry {
  /** Stable, searchable; never given to another meaning. */
  readonly code: string;
  readonly retry: RetryClass;
  readonly actor: Actor;
  /** `{name}` is filled from the error's details. */
  readonly message: string;
  readonly remedy: string;
}
