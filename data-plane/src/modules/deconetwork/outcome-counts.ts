/** SQL conditions on a row `r` of an import, by what is counted of them. */
const conditions = {
  created: `r.outcome = 'created'`,
  updated: `r.outcome = 'updated'`,
  failed: `r.outcome = 'failed'`,
  review: `r.outcome = 'review'`,
  undone: `r.outcome = 'undone'`,
  refused: `r.outcome = 'refused'`,
  differs: `r.outcome = 'differs'`,
  missing: `r.outcome in ('missing_here', 'missing_there')`,
} as const;

/** Each count with its SQL, an aggregate over rows `r`. */
export const outcomeCounts = Object.entries(conditions).map(
  ([name, condition]) => [name, `count(*) filter (where ${condition})`] as const,
);
