/** The columns of a roll-up's row, and what becomes of one that is there already. */

const coarserColumns = [
  ...['tenant_id', 'device_no', 'metric_no', 'bucket', 'count', 'sum', 'min', 'max', 'first', 'last'],
  ...['first_ts', 'last_ts', 'increase', 'arrived_at', 'recomputes'],
];
const list = (columns: readonly string[]): string => `(${columns.join(', ')})`;

export const values = { minute: list([...coarserColumns, 'fell']), coarser: list(coarserColumns) } as const;

const measured = ['count', 'sum', 'min', 'max', 'first', 'last', 'first_ts', 'last_ts'];
const row = (of: string, columns: readonly string[]): string => list(columns.map((column) => `${of}.${column}`));

function replace(computed: readonly string[]): string {
  const columns = [...measured, ...computed];
  return `on conflict (tenant_id, device_no, metric_no, bucket) do update set
     ${columns.map((column) => `${column} = excluded.${column}`).join(', ')},
     arrived_at = greatest(b.arrived_at, excluded.arrived_at),
     recomputes = b.recomputes + case when b.count = excluded.count then 0 else excluded.recomputes end
   where excluded.count >= b.count and ${row('b', columns)} is distinct from ${row('excluded', columns)}`;
}

/**
 * What is the same is not written, and came in no later than it did. Of a minute the increase is written by another
 * statement, so that it is nothing to compare by here.
 */
export const replaceWith = { minute: replace(['fell']), coarser: replace(['increase']) } as const;
