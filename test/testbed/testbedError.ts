/** Something that the user of the command can mend; the message says how. */
export class TestbedError extends Error {
  override readonly name: string = 'TestbedError';
}
