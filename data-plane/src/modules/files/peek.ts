import { Readable } from 'node:stream';

/** The beginning of a stream, and all of it. Of a short one, the beginning is everything. */
export interface Peeked {
  readonly head: Buffer;
  readonly body: Readable;
}

/** @throws what the stream fails with before so much of it was there */
export async function peek(stream: Readable, byteSize: number): Promise<Peeked> {
  const chunks: Buffer[] = [];
  let length = 0;
  const rest = stream[Symbol.asyncIterator]();
  while (length < byteSize) {
    const { done, value } = await rest.next();
    if (done === true) break;
    // A stream of bytes.
    const chunk = value as Buffer;
    chunks.push(chunk);
    length += chunk.length;
  }
  const head = Buffer.concat(chunks, length);
  async function* all() {
    if (head.length > 0) yield head;
    yield* { [Symbol.asyncIterator]: () => rest };
  }
  return { head: head.subarray(0, byteSize), body: Readable.from(all(), { objectMode: false }) };
}

/** Fails with `tooLarge` as soon as more than so many bytes have come. */
export const bound = (body: Readable, maxBytes: number, tooLarge: () => Error): Readable => {
  async function* counted() {
    let byteSize = 0;
    for await (const chunk of body) {
      byteSize += (chunk as Buffer).length;
      if (byteSize > maxBytes) throw tooLarge();
      yield chunk;
    }
  }
  return Readable.from(counted(), { objectMode: false });
};
