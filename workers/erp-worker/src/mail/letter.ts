import type { Phrasebook } from './texts/phrasebook.js';

/** A mail's content, once for its text and its HTML. */
export interface Letter {
  readonly language: string;
  readonly subject: string;
  readonly title: string;
  readonly greeting: string;
  readonly blocks: readonly Block[];
  readonly regards: string;
  readonly sender: string;
}

export type Block =
  | { readonly kind: 'paragraph'; readonly text: string }
  | PricedTable
  | {
      readonly kind: 'action';
      /** On the button. */
      readonly label: string;
      /** Before the address, where there are no buttons. */
      readonly text: string;
      /** Under the button. */
      readonly fallback: string;
      readonly link: string;
    };

export interface PricedTable {
  readonly kind: 'table';
  readonly columns: { readonly product: string; readonly amount: string };
  readonly rows: readonly {
    readonly product: string;
    /** How many at what price. */
    readonly detail: string;
    readonly amount: string;
    /** All of it, where there are no tables. */
    readonly text: string;
  }[];
  readonly sums: readonly { readonly label: string; readonly amount: string; readonly strong: boolean }[];
}

/** The parts that every letter has. An empty name: only the address is known. */
export const frameOf = (book: Phrasebook, to: { readonly name: string }, sender: string) => ({
  language: book.language,
  greeting: to.name === '' ? book.say('hello') : book.say('hello.name', { name: to.name }),
  regards: book.say('regards'),
  sender,
});

const textOf = (block: Block): string => {
  switch (block.kind) {
    case 'paragraph':
      return block.text;
    case 'action':
      return `${block.text}:\n${block.link}`;
    case 'table':
      return [
        ...block.rows.map(({ text }) => text),
        '',
        ...block.sums.map(({ label, amount }) => `${label}: ${amount}`),
      ].join('\n');
  }
};

export const renderText = ({ greeting, blocks, regards, sender }: Letter): string =>
  `${[greeting, ...blocks.map(textOf), `${regards}\n${sender}`].join('\n\n')}\n`;
