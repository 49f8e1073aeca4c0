/** Something a person can mend: shown as one line, without a stack. */
export class DemoFailure extends Error {
  override readonly name = 'DemoFailure';
}
