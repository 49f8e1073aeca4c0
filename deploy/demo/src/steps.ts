/** Steps on the terminal with their times. */
export async function step<T>(label: string, work: () => T | Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await work();
  const seconds = (performance.now() - startedAt) / 1000;
  process.stdout.write(`  ${label.padEnd(46)} ${seconds.toFixed(2)} s\n`);
  return result;
}
