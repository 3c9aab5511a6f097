import { TestbedError } from '../testbedError.ts';

/** A binary that cannot be had; the message says what to do. */
export class BinaryError extends TestbedError {
  override readonly name: string = 'BinaryError';
}
