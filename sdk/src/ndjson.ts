/** Lines of JSON, as they arrive. A last line without its newline is a cut answer, and an error. */
export async function* readLines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const piece of pieces) {
    const parts = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) if (line !== '') yield JSON.parse(line);
  }
  if (rest !== '') throw new SyntaxError('The answer ends in the middle of a line');
}
