/**
 * SQL text: the places whose stock is a connection's to know, of which the organization's own are part. What lies there is
 * the level of a variant for both sides, promised or not: who sells at the site counts his own promises.
 */
export const heldAtSql = (workspace: string): string => `select p.id from erp_stock_locations p
  where p.kind = 'internal' and (${workspace}::uuid is null or p.workspace_id is null or p.workspace_id = ${workspace}::uuid)`;

/** SQL text: of rows `l` of levels, whole pieces, as a site counts. */
export const wholePiecesSql = 'floor(sum(l.on_hand))::bigint';
