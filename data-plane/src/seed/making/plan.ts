import type { Owner } from '../document-rows.js';

/** What goes on in a shop today: stock, purchases, work on the board. */
export interface MakingPlan {
  /** How many orders are confirmed or in production, beside those of the history. */
  readonly orders: readonly { readonly workspaceId: string | null; readonly quotes: number }[];
  readonly buyerId: string;
  readonly approverId: string;
  /** Who takes blanks, moves cards and counts pieces. */
  readonly pressId: string;
  /** Where the buyer works. */
  readonly buyerWorkspaceId: string | null;
  /** Share of the variants that are kept in stock though no open order needs them. */
  readonly stocked: number;
  /** Locations of workspaces' own, from which their orders take first. */
  readonly shelves: readonly Shelf[];
}
export interface Shelf {
  readonly workspaceId: string;
  readonly code: string;
  readonly name: string;
}

export interface Maker extends Owner {
  readonly name: string;
  readonly making: MakingPlan;
}

export const dayMs = 86_400_000;
export const hourMs = 3_600_000;

export const ownedBy = ({ tenantId, organizationId }: Owner, workspaceId: string | null) => ({
  tenant_id: tenantId,
  organization_id: organizationId,
  workspace_id: workspaceId,
});
export const stampsOf = (created: Date, updated: Date = created) => ({
  created_at: created.toISOString(),
  updated_at: updated.toISOString(),
});

/** Whole cents as the database has amounts. */
export const centsText = (cents: number): string => (cents / 100).toFixed(4);
