import { type logCreator, logLevel } from 'kafkajs';
import type { Logger } from 'pino';

/** Of one text; while a broker is away, its client says the same for each attempt. */
const repeatAfterMs = 30_000;

/**
 * What kafkajs says, as lines of ours. It calls an error what it goes on to repeat, so nothing of it is more than a
 * warning, and what happens on each start and rebalance is for debugging.
 */
export function kafkaLog(log: Logger): { readonly logLevel: logLevel; readonly logCreator: logCreator } {
  const last = new Map<string, { atMs: number; suppressed: number }>();

  function suppressedBefore(text: string): number | null {
    const before = last.get(text);
    if (before && performance.now() - before.atMs < repeatAfterMs) {
      before.suppressed += 1;
      return null;
    }
    last.set(text, { atMs: performance.now(), suppressed: 0 });
    return before?.suppressed ?? 0;
  }

  return {
    logLevel: log.isLevelEnabled('debug') ? logLevel.INFO : logLevel.WARN,
    logCreator: () => (entry) => {
      const { message, timestamp: _at, logger: _kafkajs, stack: _stack, ...data } = entry.log;
      if (entry.level > logLevel.WARN) {
        log.debug({ part: entry.namespace, ...data }, `kafka: ${message}`);
        return;
      }
      const suppressed = suppressedBefore(message);
      if (suppressed === null) return;
      const repeats = suppressed > 0 ? { suppressed } : {};
      log.warn({ part: entry.namespace, ...data, ...repeats }, `kafka: ${message}`);
    },
  };
}
