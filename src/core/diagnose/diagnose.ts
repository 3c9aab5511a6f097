import { resolveAccess } from '../access/access.ts';
import type { Observed } from '../observed/observed.ts';
import { detectDrift } from '../secret/drift.ts';
import { formerOwner as findFormerOwner } from '../secret/handOver.ts';
import { isOwned } from '../secret/ownership.ts';
import { firstKeyConflict, firstRival } from '../secret/rivals.ts';
import { ownRecord } from '../secret/syncRecord.ts';
import { takeOverOf } from '../secret/takeOver.ts';
import { contestOf, repairsInARow } from './contest.ts';
import type { Diagnosis, SecretFacts } from './diagnosis.ts';
import { obstacleOf } from './obstacle.ts';
import { secretDefect } from './secretDefect.ts';

/** Pure. The only place that derives these facts: select and plan read them. */
export function diagnose(observed: Observed): Diagnosis {
  const secret = secretFacts(observed);
  return {
    ...secret,
    access: resolveAccess(observed),
    obstacle: obstacleOf(observed, secret),
    takeOver: takeOverOf(observed, secret),
  };
}

function secretFacts(observed: Observed): SecretFacts {
  const { target } = observed;
  const record = ownRecord(observed);
  const drift = detectDrift(observed, record);
  const defect = secretDefect(observed, record, drift);
  const formerOwner = findFormerOwner(observed);
  const repairs = repairsInARow(observed);
  return {
    record,
    drift,
    defect,
    isOwned: target !== undefined && isOwned(target, observed),
    formerOwner,
    rival: firstRival(observed, formerOwner),
    keyConflict: firstKeyConflict(observed),
    repairs,
    contest: contestOf(observed, repairs),
  };
}
