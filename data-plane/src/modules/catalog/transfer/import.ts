import { setImmediate } from 'node:timers/promises';
import { toAppError } from '@platen/chassis/db/errors';
import { AppError } from '@platen/chassis/http/app-error';
import { maxImportRows, maxRefusedListed } from '@platen/schema/contracts/data/catalog-transfer';
import type { TenantCtx } from '../../module.js';
import type { Header } from './columns.js';
import { type Plan, type PlanSettings, planStep, type Style } from './plan-step.js';
import * as repo from './repo.js';
import { type CatalogRow, RowRefusal, type RowSettings, readRow } from './rows.js';

/** Rows that become one transaction: short enough that nobody waits for it, long enough that round trips don't count. */
const stepRows = 1_000;
const progressEveryRows = 5_000;
/** Others' requests come in between so many rows, which a chunk of the file may have thousands of. */
const turnRows = 200;
/** A step that met somebody else's change is planned anew on what is there then. */
const maxTries = 5;

export interface ImportSettings extends RowSettings, PlanSettings {
  readonly dryRun: boolean;
  readonly owner: repo.Owner;
}

export interface ImportCounts {
  rows: number;
  refused: number;
  refusedListed: number;
  readonly products: { created: number; updated: number; unchanged: number };
  readonly variants: { created: number; updated: number; unchanged: number };
}

export const noCounts = (): ImportCounts => ({
  rows: 0,
  refused: 0,
  refusedListed: 0,
  products: { created: 0, updated: 0, unchanged: 0 },
  variants: { created: 0, updated: 0, unchanged: 0 },
});

/**
 * Takes all rows of a file, in steps. Memory: one step, and of the whole file the styles, SKUs and GTINs, to tell what
 * stands in it twice.
 */
export async function importRows(
  ctx: TenantCtx,
  header: Header,
  records: AsyncIterable<string[]>,
  settings: ImportSettings,
  counts: ImportCounts,
  tell: (line: object) => void,
): Promise<void> {
  const styles = new Map<string, Style>();
  const seen = { skus: new Set<string>(), gtins: new Set<string>() };
  const refuse = (row: number, { column, code, message }: RowRefusal): void => {
    counts.refused += 1;
    if (counts.refusedListed >= maxRefusedListed) return;
    counts.refusedListed += 1;
    tell({ type: 'refused', row, column, code, message });
  };
  let step: CatalogRow[] = [];
  const take = async (rows: readonly CatalogRow[]): Promise<void> => {
    const plan = await runStep(ctx, rows, styles, settings);
    for (const { row, refusal } of plan.refused) refuse(row, refusal);
    for (const [code, style] of plan.styles) styles.set(code, style);
    count(counts, plan);
  };
  // One step is written while the next one is read.
  let writing = Promise.resolve();
  const hand = async (): Promise<void> => {
    await writing;
    writing = take(step);
    // Whoever waits for it hears of its failure; nobody may be waiting yet.
    writing.catch(() => {});
    step = [];
  };
  try {
    for await (const record of records) {
      counts.rows += 1;
      if (counts.rows > maxImportRows) throw new AppError('body_too_large', `A file has ${maxImportRows} rows at most`);
      try {
        const row = readRow(record, counts.rows + 1, header, settings);
        requireOnce(row, seen);
        step.push(row);
      } catch (error) {
        if (!(error instanceof RowRefusal)) throw error;
        refuse(counts.rows + 1, error);
      }
      if (step.length >= stepRows) await hand();
      if (counts.rows % turnRows === 0) await setImmediate();
      if (counts.rows % progressEveryRows === 0) tell({ type: 'progress', rows: counts.rows, refused: counts.refused });
    }
    if (step.length > 0) await hand();
  } finally {
    // However the file ends: the tenant's next import must not meet this one's last step.
    await writing;
  }
}

function requireOnce(row: CatalogRow, { skus, gtins }: { skus: Set<string>; gtins: Set<string> }): void {
  if (skus.has(row.sku)) throw new RowRefusal('sku', 'duplicate_sku', 'stands in this file before');
  if (row.gtin !== null && gtins.has(row.gtin))
    throw new RowRefusal('gtin', 'duplicate_gtin', 'is another row’s in this file');
  skus.add(row.sku);
  if (row.gtin !== null) gtins.add(row.gtin);
}

async function runStep(
  ctx: TenantCtx,
  rows: readonly CatalogRow[],
  styles: ReadonlyMap<string, Style>,
  settings: ImportSettings,
): Promise<Plan> {
  for (let tries = 1; ; tries += 1) {
    const plan = planStep(rows, await findFor(ctx, rows, styles), settings);
    const isEmpty = ![plan.newProducts, plan.changedProducts, plan.newVariants, plan.changedVariants].some(
      (of) => of.length,
    );
    if (settings.dryRun || isEmpty) return plan;
    try {
      await ctx.db.transaction(async (tx) => {
        if (!(await repo.writeStep(tx, settings.owner, plan))) throw new AppError('conflict');
      });
      return plan;
    } catch (error) {
      // A deadlock with somebody's change is one too; what was held for too long may be free now.
      const code = error instanceof AppError ? error.code : toAppError(error)?.code;
      if ((code !== 'conflict' && code !== 'contended') || tries >= maxTries) throw error;
    }
  }
}

async function findFor(ctx: TenantCtx, rows: readonly CatalogRow[], styles: ReadonlyMap<string, Style>) {
  const codes = [...new Set(rows.map(({ style }) => style))].filter((code) => !styles.has(code));
  const [products, variants] = await Promise.all([
    repo.listProductsByCode(ctx.db.leased, codes),
    repo.listVariantsBySku(
      ctx.db.leased,
      rows.map(({ sku }) => sku),
    ),
  ]);
  return {
    styles,
    products: new Map(products.map((product) => [product.code, product])),
    variants: new Map(variants.map((variant) => [variant.sku, variant])),
  };
}

function count({ products, variants }: ImportCounts, plan: Plan): void {
  products.created += plan.newProducts.length;
  products.updated += plan.changedProducts.length;
  products.unchanged += plan.unchanged.products;
  variants.created += plan.newVariants.length;
  variants.updated += plan.changedVariants.length;
  variants.unchanged += plan.unchanged.variants;
}
