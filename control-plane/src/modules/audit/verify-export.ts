import { exportFormat } from './export-chain.js';
import { type ChainCheck, type ChainPoint, verifyChain } from './verify-chain.js';

export interface ExportCheck extends ChainCheck {
  readonly tenantId: string | null;
  /** Where the chain ended when the file was made: what the database still has to have. */
  readonly head: ChainPoint;
}

interface FirstLine {
  readonly tenantId: string | null;
  readonly start: ChainPoint;
  readonly head: ChainPoint;
}

/**
 * Checks an exported file by itself.
 * @throws Error when it is no export
 */
export async function verifyExport(lines: AsyncIterable<string>): Promise<ExportCheck> {
  const iterator = lines[Symbol.asyncIterator]();
  const { value, done } = await iterator.next();
  const { tenantId, start, head } = readFirstLine(done === true ? '' : value);
  let end: string | undefined;
  let count = 0;
  async function* events(): AsyncGenerator<string> {
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) return;
      // Whatever follows the end is held against the chain as well, and found to be none of it.
      if (end === undefined && isEnd(next.value)) end = next.value;
      else {
        count += 1;
        yield next.value;
      }
    }
  }
  const check = await verifyChain({ lines: events(), tenantId, start, head });
  const problems = [...check.problems];
  if (end === undefined) problems.push({ seq: null, kind: 'cut_off', detail: 'the last line is not there' });
  else if (countOf(end) !== count) {
    problems.push({ seq: null, kind: 'missing', detail: `the last line counts ${countOf(end)}, there are ${count}` });
  }
  return { ...check, problems, tenantId, head };
}

function readFirstLine(line: string): FirstLine {
  const first = readObject(line);
  const { format, tenant_id: tenantId, after_seq: seq, prev_hash: hash, event_count, last_hash } = first;
  if (format !== exportFormat) throw new Error(`Not an export of audit events (${exportFormat})`);
  const isWhole =
    (tenantId === null || typeof tenantId === 'string') &&
    typeof seq === 'number' &&
    typeof hash === 'string' &&
    typeof event_count === 'number' &&
    typeof last_hash === 'string';
  if (!isWhole) throw new Error('The first line of the export is not whole');
  return { tenantId, start: { seq, hash }, head: { seq: event_count, hash: last_hash } };
}

const isEnd = (line: string): boolean => readObject(line)['end'] === true;
const countOf = (line: string): unknown => readObject(line)['count'];

function readObject(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
