import { pino, type DestinationStream, type Logger } from 'pino';
import type { Log, LogFields } from '../ports/system.ts';

/** JSON lines, on standard output: a constant message, and keys. */
export function createLog(level: string, destination: DestinationStream = pino.destination()): Log {
  return wrap(
    pino(
      {
        level,
        // Without process id and host name: whoever collects the lines knows the pod.
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      destination,
    ),
  );
}

function wrap(logger: Logger): Log {
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
    child: (fields: LogFields) => wrap(logger.child(fields)),
  };
}
