import { pino, type DestinationStream, type Logger } from 'pino';
import type { Log, LogFields } from '../ports/system.ts';

/** A log whose level can be changed while it runs. */
export interface LeveledLog extends Log {
  /** Also of the logs that were derived from it. False when there is no such level. */
  setLevel(level: string): boolean;
}

type Level = 'debug' | 'info' | 'warn' | 'error';

/** JSON lines, on standard output: a constant message, and keys. */
export function createLog(
  level: string,
  destination: DestinationStream = pino.destination(),
): LeveledLog {
  const root = pino(
    {
      level,
      // Without process id and host name: whoever collects the lines knows the pod.
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return {
    ...wrap(root, () => root),
    setLevel(wanted) {
      if (!Object.hasOwn(root.levels.values, wanted)) return false;
      root.level = wanted;
      return true;
    },
  };
}

/**
 * A child of pino keeps the level that it was born with, so the root's decides, and children write whatever comes.
 * It is born with the first line: each reconcile has one, and most write nothing.
 */
function wrap(root: Logger, born: () => Logger): Log {
  let logger: Logger | undefined;
  const own = (): Logger => (logger ??= born());
  const write = (level: Level) => (message: string, fields?: LogFields) => {
    if (root.isLevelEnabled(level)) own()[level](fields ?? {}, message);
  };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields: LogFields) => wrap(root, () => own().child(fields, { level: 'trace' })),
  };
}
