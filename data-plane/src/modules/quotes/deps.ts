import type { EventOrigin } from '@platen/chassis/bus/outbox';
import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { RawJson } from '@platen/chassis/http/types';
import type { FindOrganization } from '../documents/index.js';
import type { WorkCtx } from '../module.js';
import type { PricingService } from '../pricing/index.js';
import type { QuoteLinks } from './links.js';
import type { JsonDocument } from './repo.js';

/** What the services of quotes stand on. */
export interface QuoteDeps {
  readonly cursors: Cursors;
  readonly findOrganization: FindOrganization;
  readonly pricing: PricingService;
  readonly links: QuoteLinks;
}

/** @throws AppError not_found */
export function found(document: JsonDocument | undefined): RawJson {
  if (!document) throw new AppError('not_found');
  return new RawJson(document.body, document.version);
}

/** Events are of the quote's workspace, wherever its change was made. */
export const originOf = (ctx: WorkCtx, workspaceId: string | null): EventOrigin => ({
  correlationId: ctx.correlationId,
  traceparent: ctx.traceparent,
  tenant: ctx.tenant,
  organizationId: ctx.organizationId,
  workspaceId,
  newId: () => ctx.newId(),
});
