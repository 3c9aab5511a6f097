import type { StandInState } from './standInState.ts';

export interface AdminRequest {
  state: StandInState;
  /** Value of a `:name` of the call's path. */
  param: (name: string) => string;
  body: unknown;
}

/** One call of the admin API; the table in docs/testbed.md is made of these. */
export interface AdminCall {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  /** One sentence. */
  description: string;
  /** The JSON body that the call takes, as a type; absent where it takes none. */
  body?: string;
  /** The JSON answer; undefined answers 204. */
  run: (request: AdminRequest) => object | undefined;
}
