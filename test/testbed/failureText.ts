import { TestbedError } from './testbedError.ts';

/** For people: one line where the failure says what to do, and where a defect is, its stack. */
export function failureText(error: unknown): string {
  if (error instanceof TestbedError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
