import { Readable } from 'node:stream';
import type { Queryable } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import * as repo from './repo.js';

export const exportFormat = 'platen-audit/1';

/**
 * One chain as NDJSON, up to where it ended when the export began. The first line has the head, so that a cut-off file
 * shows, and so that the database can later be held against the file.
 * @throws AppError not_found when there is no event `afterSeq` to go on from
 */
export async function exportChain(
  db: Queryable,
  input: { readonly tenantId: string | null; readonly afterSeq: number; readonly now: Date },
): Promise<Readable> {
  const { tenantId, afterSeq } = input;
  const [{ head }, prevHash] = await Promise.all([
    repo.findChainEnds(db, tenantId),
    repo.findHash(db, tenantId, afterSeq),
  ]);
  if (prevHash === undefined) throw new AppError('not_found', `There is no event ${afterSeq} to go on from`);
  const first = {
    format: exportFormat,
    tenant_id: tenantId,
    after_seq: afterSeq,
    prev_hash: prevHash,
    event_count: head?.seq ?? 0,
    last_hash: head?.hash ?? '',
    exported_at: input.now.toISOString(),
  };
  const lines = repo.readLines(db, tenantId, afterSeq, head?.seq ?? 0);
  // Read as fast as it is sent: bytes, not objects, so that little of it waits in memory.
  return Readable.from(inChunks(JSON.stringify(first), lines), { objectMode: false });
}

const chunkLength = 65_536;

async function* inChunks(first: string, lines: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = `${first}\n`;
  let count = 0;
  for await (const line of lines) {
    chunk += `${line}\n`;
    count += 1;
    if (chunk.length < chunkLength) continue;
    yield chunk;
    chunk = '';
  }
  yield `${chunk}${JSON.stringify({ end: true, count })}\n`;
}
