export type OutboundFailureKind =
  /** The address is none that strangers' names may lead to. */
  | 'address_refused'
  | 'unreachable'
  /** The connection ended before the answer did. */
  | 'cut'
  | 'timeout'
  | 'too_large';

/** A call that had no whole answer. It says nothing of what was sent, nor where: both may be secret. */
export class OutboundFailure extends Error {
  override readonly name = 'OutboundFailure';
  readonly kind: OutboundFailureKind;
  /** May the other side have got the request? */
  readonly reached: boolean;
  constructor(kind: OutboundFailureKind, message: string, { reached }: { readonly reached: boolean }) {
    super(message);
    this.kind = kind;
    this.reached = reached;
  }
}
