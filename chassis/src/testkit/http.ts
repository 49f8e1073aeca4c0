import { Writable } from 'node:stream';
import { createLogger, type Logger, type LogLevel } from '../log/logger.js';

/** A logger whose lines a test can read. */
export interface RecordedLog {
  readonly log: Logger;
  readonly lines: Record<string, unknown>[];
  /** Everything written, for a search for what must not be there. */
  text(): string;
}

export function recordLog(level: LogLevel = 'trace'): RecordedLog {
  const lines: Record<string, unknown>[] = [];
  const chunks: string[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const text = chunk.toString('utf8');
      chunks.push(text);
      for (const line of text.split('\n')) if (line !== '') lines.push(JSON.parse(line));
      done();
    },
  });
  return { log: createLogger({ service: 'test', level, destination }), lines, text: () => chunks.join('') };
}
