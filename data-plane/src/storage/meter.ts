import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { WrittenObject } from './storage.js';

/** The chunks of a body, counted and hashed on their way. */
export class Meter {
  readonly #hash = createHash('sha256');
  #byteSize = 0;
  #failure: { readonly error: unknown } | undefined;

  async *read(body: Readable): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of body) {
        // Bodies are bytes: a stream of text or objects never gets here.
        const bytes = chunk as Buffer;
        this.#byteSize += bytes.length;
        this.#hash.update(bytes);
        yield bytes;
      }
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  /** What the body itself failed with, so that the storage is not blamed for it. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** Once, after the last chunk. */
  finish(): WrittenObject {
    return { byteSize: this.#byteSize, sha256: this.#hash.digest('hex') };
  }
}
