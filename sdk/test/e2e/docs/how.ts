import type { ServiceName } from '@platen/demo/platform';

/** Whose variables a command is given: a service's, the owner's of the databases, or nobody's. */
export type Who = ServiceName | 'owner' | 'nobody';

export type How =
  | {
      readonly kind: 'run';
      readonly as: Who;
      readonly prints: RegExp;
      readonly exits: number;
      /** What stands in the page → what is typed here. */
      readonly where: Readonly<Record<string, string>>;
      readonly input: string;
      /** Name → what of the output is kept under it, for `where` of later ones, as {name}. */
      readonly keeps: Readonly<Record<string, RegExp>>;
    }
  | { readonly kind: 'parses' }
  | {
      readonly kind: 'reads';
      readonly module: string;
      readonly reader: string;
      readonly where: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'lists'; readonly where: Readonly<Record<string, string>> }
  | { readonly kind: 'elsewhere'; readonly proofs: Readonly<Record<string, string>> };

export interface Line {
  readonly command: string | RegExp;
  readonly how: How;
}

type RunOptions = Partial<Omit<Extract<How, { kind: 'run' }>, 'kind' | 'as' | 'prints'>>;

/** Run as it is written, beside a started platform. */
export const run = (command: string, as: Who, prints: RegExp, options: RunOptions = {}): Line => ({
  command,
  how: { kind: 'run', as, prints, exits: 0, where: {}, keeps: {}, input: '', ...options },
});

/** What takes minutes: it is asked for help besides, and refuses options that it does not know. */
export const parses = (command: string | RegExp): Line => ({ command, how: { kind: 'parses' } });

/** The same, where what reads the options can be called by itself: it throws at what it does not know. */
export const reads = (
  command: RegExp,
  module: string,
  reader: string,
  where: Readonly<Record<string, string>> = {},
): Line => ({ command, how: { kind: 'reads', module, reader, where } });

/** `npm test` with words: they match files. */
export const lists = (command: string | RegExp, where: Readonly<Record<string, string>> = {}): Line => ({
  command,
  how: { kind: 'lists', where },
});

/** A file of ours that runs it, and what stands there. */
export const elsewhere = (command: string | RegExp, proofs: Readonly<Record<string, string>>): Line => ({
  command,
  how: { kind: 'elsewhere', proofs },
});
