/** A document's states and the moves between them, as data: one place each. */
export interface StateMachine<S extends string> {
  readonly initial: S;
  readonly moves: { readonly [From in S]: readonly S[] };
}

export const canMove = <S extends string>(machine: StateMachine<S>, from: S, to: S): boolean =>
  machine.moves[from].includes(to);

/** The states from which `to` is reached: what an update's WHERE clause checks. */
export const sourcesOf = <S extends string>(machine: StateMachine<S>, to: S): S[] =>
  (Object.keys(machine.moves) as S[]).filter((from) => machine.moves[from].includes(to));
