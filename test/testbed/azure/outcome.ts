import type { ServerResponse } from 'node:http';
import { send, type Answer } from './httpAnswer.ts';

/** An answer, or what a broken network makes of it. */
export type Outcome = Answer | 'drop' | 'hang';

/** A hanging request stays open until its client or the stand-in goes. */
export function conclude(response: ServerResponse, outcome: Outcome, latencyMs: number): void {
  if (latencyMs > 0) setTimeout(() => conclude(response, outcome, 0), latencyMs);
  else if (outcome === 'drop') response.socket?.destroy();
  else if (outcome !== 'hang') send(response, outcome);
}
