/** Not every browser iterates streams. */
export async function* pieces(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Also when who reads stops early: the connection must not wait for it.
    await reader.cancel().catch(() => undefined);
  }
}
