import { ownBuild } from '../testbed/controllerCommand.ts';
import { buildAt } from './against.ts';
import { createBench, type Bench } from './benchRun.ts';

/** One build that is measured: ours, or the one that it is compared with. */
export interface Side {
  readonly name: 'this build' | 'the other build';
  readonly isOwn: boolean;
  readonly bench: Bench & { close(): Promise<void> };
}

/** Ours first. @throws UsageError where there is no other build */
export function createSides(objects: number, against: string | undefined): Side[] {
  const other = against === undefined ? undefined : buildAt(against);
  const own: Side = { name: 'this build', isOwn: true, bench: createBench(objects, ownBuild) };
  if (other === undefined) return [own];
  return [own, { name: 'the other build', isOwn: false, bench: createBench(objects, other) }];
}

/** The second of a pair may find the machine warmer, or busier: each goes first every other time. */
export function inTurn(sides: readonly Side[], index: number): readonly Side[] {
  return index % 2 === 0 ? sides : sides.toReversed();
}
