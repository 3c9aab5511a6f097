import { TestbedError } from '../testbedError.ts';

/** A control plane that cannot be had; the message says what to do. */
export class ControlPlaneError extends TestbedError {
  override readonly name = 'ControlPlaneError';
}
