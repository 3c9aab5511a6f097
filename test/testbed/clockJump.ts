import { graceMs } from '../../src/core/plan/absence.ts';

/**
 * Preloaded into a controller by `--import`: at each SIGUSR2 its clock jumps ahead by so much as no test can wait for,
 * by default the grace of missing objects. Timers go on as ever.
 */
const stepMs = Number(process.env['CLOCK_JUMP_MS'] ?? graceMs);
const realNow = Date.now.bind(Date);
let aheadMs = 0;
Date.now = () => realNow() + aheadMs;
process.on('SIGUSR2', () => {
  aheadMs += stepMs;
});
