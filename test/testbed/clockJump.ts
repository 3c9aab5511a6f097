import { graceMs } from '../../src/core/select/absence.ts';

/**
 * Preloaded into a controller by `--import`: at each SIGUSR2 its clock jumps ahead by the grace of missing objects,
 * which no test can wait for. Timers go on as ever.
 */
const realNow = Date.now.bind(Date);
let aheadMs = 0;
Date.now = () => realNow() + aheadMs;
process.on('SIGUSR2', () => {
  aheadMs += graceMs;
});
