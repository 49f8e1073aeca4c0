import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Arrivals } from './arrivals.js';
import type { Upload } from './upload.js';

/**
 * What says that it is no longer is read before its handler begins: a stream costs more than all else that a small body
 * does. At the least speed of an upload it takes two seconds.
 */
const wholeBytes = 16 * 1024;

/** By what it says itself: a chunked body says nothing, and Node lets no other be longer than it said. */
export function isShort({ headers }: Pick<IncomingMessage, 'headers'>, maxBytes: number): boolean {
  const declared = headers['content-length'];
  return declared !== undefined && Number(declared) <= Math.min(wholeBytes, maxBytes);
}

/** Calls one of the two, once. `fail` gets the reason; null: whoever sends it is gone. */
export function readWhole(
  raw: IncomingMessage,
  arrivals: Arrivals,
  done: (whole: Buffer) => void,
  fail: (reason: Error | null) => void,
): void {
  const chunks: Buffer[] = [];
  let isOver = false;
  const giveUp = (reason: Error | null): void => {
    if (isOver) return;
    isOver = true;
    fail(reason);
  };
  // The listeners stay: what comes after a failure is read and thrown away, so that the client gets to the answer.
  raw.on('data', (chunk: Buffer) => {
    if (!isOver) chunks.push(chunk);
  });
  raw.on('error', () => giveUp(null));
  raw.on('end', () => {
    if (isOver) return;
    isOver = true;
    done(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
  });
  arrivals.expects(raw, giveUp);
}

export class WholeUpload implements Upload {
  readonly fileName = null;
  readonly whole: Buffer;
  readonly mediaType: string;
  #file: Readable | null = null;

  constructor(whole: Buffer, mediaType: string) {
    this.whole = whole;
    this.mediaType = mediaType;
  }

  /** For handlers that read whatever length in one way. */
  get file(): Readable {
    const { whole } = this;
    // Its end comes with its bytes: who looks at the first of them may know already that there are no more.
    this.#file ??= new Readable({
      read() {
        this.push(whole);
        this.push(null);
      },
    });
    return this.#file;
  }
}
