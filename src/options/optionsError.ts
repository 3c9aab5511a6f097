/** A flag that cannot be used; the message says which and what it takes. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
}
