export const maxLineBytes = 64 * 1024;
export const tooLong = `The line is longer than ${maxLineBytes} bytes`;

/**
 * Lines of a body that arrives in pieces. `onLine` has each one that is not empty, with its number from 1 and without its
 * end; null stands for one that is longer than any line may be.
 */
export class LineSplitter {
  private readonly onLine: (line: string | null, number: number) => void;
  private number = 0;
  private rest: Buffer[] = [];
  private restBytes = 0;
  /** What comes up to the next end is of a line that is too long already. */
  private skipping = false;

  constructor(onLine: (line: string | null, number: number) => void) {
    this.onLine = onLine;
  }

  push(chunk: Buffer): void {
    // No byte of a longer character in UTF-8 is a line feed.
    const end = chunk.lastIndexOf(10);
    if (end < 0) {
      this.keep(chunk);
      return;
    }
    const first = chunk.indexOf(10);
    this.keep(chunk.subarray(0, first));
    this.endLine();
    if (end > first) this.split(chunk.toString('utf8', first + 1, end));
    if (end + 1 < chunk.length) this.keep(chunk.subarray(end + 1));
  }

  end(): void {
    if (this.restBytes > 0 || this.skipping) this.endLine();
  }

  private keep(piece: Buffer): void {
    if (this.skipping) return;
    this.rest.push(piece);
    this.restBytes += piece.length;
    if (this.restBytes <= maxLineBytes) return;
    this.skipping = true;
    this.rest = [];
  }

  private endLine(): void {
    const line = this.skipping ? null : Buffer.concat(this.rest, this.restBytes).toString('utf8');
    this.rest = [];
    this.restBytes = 0;
    this.skipping = false;
    this.tell(line);
  }

  private split(text: string): void {
    let from = 0;
    for (;;) {
      const end = text.indexOf('\n', from);
      const line = end < 0 ? text.slice(from) : text.slice(from, end);
      this.tell(isTooLong(line) ? null : line);
      if (end < 0) return;
      from = end + 1;
    }
  }

  private tell(line: string | null): void {
    this.number += 1;
    if (line === null) this.onLine(null, this.number);
    else {
      const text = line.endsWith('\r') ? line.slice(0, -1) : line;
      if (text !== '') this.onLine(text, this.number);
    }
  }
}

const isTooLong = (line: string): boolean =>
  line.length > maxLineBytes || (line.length * 3 > maxLineBytes && Buffer.byteLength(line) > maxLineBytes);
