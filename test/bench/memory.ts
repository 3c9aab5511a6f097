import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './benchRun.ts';
import { atMost, below, type Measurement } from './figure.ts';
import { createFleet } from './fleet.ts';
import { untilSynced } from './settling.ts';

/** The first sync leaves garbage, which V8 gives back when the process has been idle for a while. */
const restMs = 30_000;
const samples = 5;
const betweenSamplesMs = 3_000;

export const memory: Measurement<'memory-10k-mb' | 'memory-per-object-kb'> = {
  figures: {
    'memory-10k-mb': { unit: 'MB', promise: below(200) },
    'memory-per-object-kb': { unit: 'KB', promise: atMost(4) },
  },
  isScaled: true,
  async measure(bench) {
    const few = Math.round(bench.objects / 10);
    const withFew = await residentAtRest(bench, few);
    const withMany = await residentAtRest(bench, bench.objects);
    bench.log(
      `resident: ${megabytes(withFew)} MB with ${few}, ${megabytes(withMany)} MB with ${bench.objects}`,
    );
    return {
      'memory-10k-mb': { value: withMany / 1024 },
      'memory-per-object-kb': { value: (withMany - withFew) / (bench.objects - few) },
    };
  },
};

/** Kilobytes of 1,024 bytes, the largest of some samples. */
function residentAtRest(bench: Bench, objects: number): Promise<number> {
  return bench.inWorld(async (world) => {
    await createFleet(world, { objects });
    const controller = await bench.startController(world);
    await untilSynced(controller, objects);
    await sleep(restMs);
    const sizes: number[] = [];
    for (let sample = 0; sample < samples; sample += 1) {
      sizes.push(residentSize(controller.pid));
      await sleep(betweenSamplesMs);
    }
    return Math.max(...sizes);
  });
}

/** VmRSS: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
function residentSize(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const size = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (size === undefined) throw new Error('the kernel tells no VmRSS');
  return Number(size);
}

function megabytes(kilobytes: number): string {
  return (kilobytes / 1024).toFixed(1);
}
