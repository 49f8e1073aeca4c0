/** Lines of JSON, as they arrive. A last line without its newline is a cut answer, and an error. */
export async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<unknown, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const parts = (rest + decoder.decode(value, { stream: true })).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) if (line !== '') yield JSON.parse(line);
    }
    if (rest !== '') throw new SyntaxError('The answer ends in the middle of a line');
  } finally {
    // Also when the reader of the lines stops early: the connection must not wait for it.
    await reader.cancel().catch(() => undefined);
  }
}
