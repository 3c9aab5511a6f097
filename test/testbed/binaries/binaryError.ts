/** A binary that cannot be had; the message says what to do. */
export class BinaryError extends Error {
  override readonly name: string = 'BinaryError';
}
