import { parser } from '@prometheus-io/lezer-promql';

/** A metric that an expression asks for, and what it says of its labels. */
export interface Selector {
  /** As it is exported, or with the suffix of a histogram's part. */
  readonly metric: string;
  readonly matchers: readonly Matcher[];
}

export interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

export interface Expression {
  readonly selectors: readonly Selector[];
  /** Of `by` and `on`, in the order in which they come. */
  readonly groupings: readonly string[];
}

interface Node {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly type: { readonly isError: boolean };
}

/** @throws Error where Prometheus' own grammar knows no such expression */
export function readPromql(text: string): Expression {
  const selectors: { metric: string; matchers: Matcher[] }[] = [];
  const groupings: string[] = [];
  const stack: string[] = [];
  parser.parse(text).iterate({
    enter(node: Node) {
      if (node.type.isError) throw new Error(`no PromQL at ${node.from}: ${text}`);
      const word = text.slice(node.from, node.to);
      const last = selectors.at(-1);
      if (node.name === 'VectorSelector') selectors.push({ metric: '', matchers: [] });
      if (node.name === 'Identifier' && stack.at(-1) === 'VectorSelector' && last) last.metric = word;
      if (/LabelMatcher$/.test(node.name)) last?.matchers.push(readMatcher(word));
      if (node.name === 'LabelName' && stack.includes('GroupingLabels')) groupings.push(word);
      stack.push(node.name);
    },
    leave: () => void stack.pop(),
  });
  return { selectors, groupings };
}

function readMatcher(text: string): Matcher {
  const [, label = '', operator = '', value = ''] = /^(\w+)\s*(=~|!~|!=|=)\s*["'](.*)["']$/s.exec(text) ?? [];
  return { label, operator, value };
}
