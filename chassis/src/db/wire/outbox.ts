const chunkBytes = 16_384;

/**
 * Messages to the server (PostgreSQL manual, 54.7), encoded one behind the other into one buffer, so that everything said in
 * a turn of the event loop leaves in one write. Text format both ways. What `take` gave out is never written to again.
 */
export class Outbox {
  private bytes = Buffer.allocUnsafeSlow(chunkBytes);
  private start = 0;
  private end = 0;

  take(): Buffer {
    const taken = this.bytes.subarray(this.start, this.end);
    this.start = this.end;
    return taken;
  }

  parse(name: string, text: string): void {
    const length = this.open(0x50 /* P */, name.length + text.length * 3 + 4);
    this.cstring(name);
    this.cstring(text);
    this.int16(0);
    this.close(length);
  }

  describeStatement(name: string): void {
    const length = this.open(0x44 /* D */, name.length + 2);
    this.bytes[this.end++] = 0x53; /* S */
    this.cstring(name);
    this.close(length);
  }

  closeStatement(name: string): void {
    const length = this.open(0x43 /* C */, name.length + 2);
    this.bytes[this.end++] = 0x53; /* S */
    this.cstring(name);
    this.close(length);
  }

  /** Bind to the unnamed portal, and Execute it without a row limit. */
  run(name: string, values: readonly (string | null)[]): void {
    let room = name.length + 24;
    for (let i = 0; i < values.length; i += 1) room += 4 + (values[i]?.length ?? 0) * 3;
    const length = this.open(0x42 /* B */, room);
    this.bytes[this.end++] = 0;
    this.cstring(name);
    this.int16(0);
    this.int16(values.length);
    for (let i = 0; i < values.length; i += 1) this.value(values[i] ?? null);
    this.int16(0);
    this.close(length);
    this.end += this.bytes.write('E\0\0\0\x09\0\0\0\0\0', this.end, 'latin1');
  }

  sync(): void {
    this.ensure(5);
    this.end += this.bytes.write('S\0\0\0\x04', this.end, 'latin1');
  }

  private value(text: string | null): void {
    if (text === null) {
      this.int32At(this.end, 0xffffffff);
      this.end += 4;
      return;
    }
    const written = this.bytes.write(text, this.end + 4, 'utf8');
    this.int32At(this.end, written);
    this.end += 4 + written;
  }

  private open(code: number, room: number): number {
    this.ensure(room + 5);
    this.bytes[this.end] = code;
    const length = this.end + 1;
    this.end += 5;
    return length;
  }

  private close(length: number): void {
    this.int32At(length, this.end - length);
  }

  private cstring(text: string): void {
    this.end += this.bytes.write(text, this.end, 'utf8');
    this.bytes[this.end++] = 0;
  }

  private int16(value: number): void {
    this.bytes[this.end++] = value >>> 8;
    this.bytes[this.end++] = value & 0xff;
  }

  private int32At(at: number, value: number): void {
    this.bytes[at] = value >>> 24;
    this.bytes[at + 1] = (value >>> 16) & 0xff;
    this.bytes[at + 2] = (value >>> 8) & 0xff;
    this.bytes[at + 3] = value & 0xff;
  }

  private ensure(room: number): void {
    if (this.end + room <= this.bytes.length) return;
    const pending = this.bytes.subarray(this.start, this.end);
    this.bytes = Buffer.allocUnsafeSlow(Math.max(chunkBytes, pending.length + room));
    pending.copy(this.bytes);
    this.start = 0;
    this.end = pending.length;
  }
}
