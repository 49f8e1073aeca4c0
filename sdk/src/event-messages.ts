/** One block of a stream of events; what it does not say is undefined. */
export interface Message {
  readonly id: string | undefined;
  readonly type: string | undefined;
  readonly data: string | undefined;
  readonly retryMs: number | undefined;
}

type Draft = { -readonly [K in keyof Message]: Message[K] };

/** No event of this API is larger; a stream without any line breaks is none of it. */
const maxLineLength = 4 * 1024 * 1024;

const empty = (): Draft => ({ id: undefined, type: undefined, data: undefined, retryMs: undefined });

/**
 * The blocks of `text/event-stream` as they arrive (WHATWG HTML, section 9.2.6), those without data too: they may move
 * the place to resume. What is cut in the middle of a block is dropped.
 */
export async function* readMessages(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Message, void> {
  // It drops a byte order mark.
  const decoder = new TextDecoder();
  let rest = '';
  let endsInReturn = false;
  let block = empty();
  for await (const piece of pieces) {
    let text = decoder.decode(piece, { stream: true });
    // The other half of a line break.
    if (endsInReturn && text.startsWith('\n')) text = text.slice(1);
    if (text !== '') endsInReturn = text.endsWith('\r');
    const lines = (rest + text).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? '';
    if (rest.length > maxLineLength) throw new RangeError('A line of the stream is too long');
    for (const line of lines) {
      if (line !== '') read(line, block);
      else {
        yield block;
        block = empty();
      }
    }
  }
}

function read(line: string, block: Draft): void {
  const colon = line.indexOf(':');
  const name = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
  if (name === 'data') block.data = block.data === undefined ? value : `${block.data}\n${value}`;
  else if (name === 'event') block.type = value;
  else if (name === 'id' && !value.includes('\0')) block.id = value;
  else if (name === 'retry' && /^\d+$/.test(value)) block.retryMs = Number(value);
}
