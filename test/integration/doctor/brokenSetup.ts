import type { StepName } from '../../../src/cli/doctor/walk.ts';
import type { World } from '../../testbed/world.ts';
import type { Patient } from './patient.ts';

/** What somebody has done wrong, and what the doctor must say of it. */
export interface BrokenSetup {
  readonly what: string;
  readonly step: StepName;
  readonly reason: string;
  readonly cause: (world: World, patient: Patient) => Promise<unknown>;
  /** What the printed command leaves open, and which name of the patient its reader would put there. */
  readonly answers?: Readonly<Record<string, keyof Patient | 'anything'>>;
  /** Reasons of steps after the first that failed. */
  readonly later?: Readonly<Partial<Record<StepName, string>>>;
}
