import type { FeedEntity } from '@platen/schema/contracts/internal/feed';
import { FeedFormatError, parseEntity } from './parse.js';

export interface Snapshot {
  readonly position: bigint;
  readonly entities: readonly FeedEntity[];
}

/** Reads the lines of a snapshot. All of them, or an error: a cut one would look as if tenants had gone. */
export async function readSnapshotLines(lines: AsyncIterable<unknown>): Promise<Snapshot> {
  const entities: FeedEntity[] = [];
  let position: bigint | undefined;
  let count = 0;
  let ended = false;
  for await (const line of lines) {
    if (ended || typeof line !== 'object' || line === null) throw new FeedFormatError('Not a line of a snapshot');
    if (position === undefined) position = positionOf(line);
    else if ('end' in line) {
      if (!('count' in line) || line.count !== count) throw new FeedFormatError('The snapshot is not whole');
      ended = true;
    } else {
      const entity = parseEntity(line);
      if (entity) entities.push(entity);
      count += 1;
    }
  }
  if (position === undefined || !ended) throw new FeedFormatError('The snapshot ends too early');
  return { position, entities };
}

function positionOf(header: object): bigint {
  if ('position' in header && typeof header.position === 'string' && /^\d{1,19}$/.test(header.position)) {
    return BigInt(header.position);
  }
  throw new FeedFormatError('The snapshot begins without a position');
}
