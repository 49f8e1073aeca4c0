import type { RuleSetContent } from '@platen/schema/contracts/data/pricing-rules';
import { type Finding, finding } from './lint-finding.js';

/** Which of the ids and groups that rules name are there. */
export interface KnownReferences {
  readonly products: ReadonlySet<string>;
  readonly categories: ReadonlySet<string>;
  readonly customers: ReadonlySet<string>;
  /** Groups that a customer is in. */
  readonly groups: ReadonlySet<string>;
}

/** What rules name and nobody knows. One finding for each list, with the first such entry. */
export function lintReferences({ rules }: RuleSetContent, known: KnownReferences): Finding[] {
  return rules.flatMap((rule, index) => {
    const { conditions } = rule;
    const lists = [
      { name: 'product_ids', problem: 'unknown_product', what: 'product', known: known.products },
      { name: 'category_ids', problem: 'unknown_category', what: 'category', known: known.categories },
      { name: 'customer_ids', problem: 'unknown_customer', what: 'customer', known: known.customers },
    ] as const;
    const found = lists.flatMap((list) => {
      const ids: readonly string[] =
        (list.name in conditions && conditions[list.name as keyof typeof conditions]) || [];
      const first = ids.findIndex((id) => !list.known.has(id));
      if (first < 0) return [];
      const more = ids.filter((id) => !list.known.has(id)).length - 1;
      const message = `There is no ${list.what} ${ids[first]}${more > 0 ? `, nor ${more} more of the list` : ''}`;
      return [finding(list.problem, { rule, index }, `/conditions/${list.name}/${first}`, message)];
    });
    const groups = ('customer_groups' in conditions && conditions.customer_groups) || [];
    const absent = groups.findIndex((group) => !known.groups.has(group));
    if (absent >= 0) {
      const message = `No customer is in the group ${groups[absent]}`;
      found.push(finding('unknown_group', { rule, index }, `/conditions/customer_groups/${absent}`, message));
    }
    return found;
  });
}
