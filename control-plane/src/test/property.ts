import fc from 'fast-check';
import type { Test } from 'tap';

/** A property as an assertion of tap's: its message names the counter-example, or how many cases there were. */
export function propertyHolds<T>(t: Test, property: fc.IProperty<T>, parameters: fc.Parameters<T>): void {
  const outcome = fc.check(property, parameters);
  t.notOk(outcome.failed, fc.defaultReportMessage(outcome) ?? `holds in ${outcome.numRuns} cases`);
}
