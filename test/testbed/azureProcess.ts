import { parseArgs } from 'node:util';
import { startAzureStandIn } from './azure/standIn.ts';

/** The stand-in as a process of its own: it outlives `up`, and its work is not counted as a test's. */
const { values } = parseArgs({
  options: {
    directory: { type: 'string', default: '.' },
    'vault-latency-ms': { type: 'string', default: '0' },
    'entra-latency-ms': { type: 'string', default: '0' },
  },
});

const standIn = await startAzureStandIn({
  directory: values.directory,
  vaultLatencyMs: Number(values['vault-latency-ms']),
  entraLatencyMs: Number(values['entra-latency-ms']),
  log: (line) => console.error(line),
});
// Only what JSON can carry arrives.
process.send?.(standIn);
// Whoever started it goes on without it, and the other way round.
process.disconnect?.();
