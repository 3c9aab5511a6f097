/** A control plane that cannot be had; the message says what to do. */
export class ControlPlaneError extends Error {
  override readonly name = 'ControlPlaneError';
}
