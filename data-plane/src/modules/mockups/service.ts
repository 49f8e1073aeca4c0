import { AppError, permissionDenied } from '@platen/chassis/http/app-error';
import { RawJson } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import type { MockupResult } from '@platen/schema/contracts/data/job-shapes';
import { type MockupMediaType, mockupMediaTypes, type mockups } from '@platen/schema/contracts/data/mockups';
import { largestMockupInputBytes, type MockupPayload } from '@platen/schema/contracts/internal/mockups';
import type { PermissionCode } from '@platen/schema/permissions';
import type { Static } from 'typebox';
import { requestJob, reuseJobByContent } from '../jobs/index.js';
import type { TenantCtx } from '../module.js';
import { contentHashOf, fileNameOf, placementOf } from './content.js';
import { findMockupDesign, findMockupProduct, type SourceFile } from './repo.js';

export interface MockupService {
  create(ctx: TenantCtx, body: BodyOf<typeof mockups.create>): Promise<RawJson>;
}

const defaultWidth = 2_048;

export const createMockupService = (): MockupService => ({
  create: (ctx, body) =>
    ctx.write(async (tx) => {
      for (const permission of ['erp.design.read', 'erp.product.read'] as const) requirePermission(ctx, permission);
      const { design_id, product_id, image_id, placement = {}, blend = 'normal', output_width = defaultWidth } = body;
      const [design, product] = await Promise.all([
        findMockupDesign(tx, design_id),
        findMockupProduct(tx, product_id, image_id ?? null),
      ]);
      if (!design) throw unknown('design_id', 'names no design');
      if (!product) throw unknown('product_id', 'names no product');
      if (product.image_id === undefined && image_id !== undefined) throw unknown('image_id', 'names no picture of it');
      if (product.image_id === undefined) throw unknown('product_id', 'has no picture yet');
      const payload: MockupPayload = {
        design_id,
        product_id,
        image_id: product.image_id,
        artwork: sourceOf(design, 'design_id'),
        garment: sourceOf(product, image_id === undefined ? 'product_id' : 'image_id'),
        placement: placementOf(placement),
        blend,
        output_width,
        file_name: fileNameOf(product.code, design.code),
      };
      const contentHash = contentHashOf(payload);
      const earlier = await reuseJobByContent(tx, ctx, 'mockup', contentHash);
      const job = await requestJob(tx, ctx, {
        kind: 'mockup',
        title: `Mockup of ${design.name} on ${product.name}`,
        payload,
        contentHash,
        totalHint: 1,
        // A job of this kind that succeeded has such a result: its completion was checked.
        ...(earlier && { result: { ...(earlier.result as Static<typeof MockupResult>), cached: true } }),
      });
      return new RawJson(job.json, job.version);
    }),
});

function requirePermission(ctx: TenantCtx, permission: PermissionCode): void {
  if (ctx.principal?.has(permission) === true) return;
  throw permissionDenied(permission, 'A mockup shows a design and a product');
}

/** @throws AppError unknown_reference, file_type_unacceptable */
function sourceOf(found: Partial<SourceFile>, field: string): MockupPayload['artwork'] {
  const { file_id, sha256, media_type, byte_size } = found;
  if (file_id === undefined || sha256 === undefined || media_type === undefined || byte_size === undefined) {
    throw unknown(field, 'has no file yet');
  }
  if (!isReadable(media_type)) throw refused(field, `is ${media_type}: mockups take ${mockupMediaTypes.join(', ')}`);
  if (byte_size > largestMockupInputBytes) {
    throw refused(field, `has more than ${largestMockupInputBytes / 2 ** 20} MiB: too large for a mockup`);
  }
  return { file_id, sha256, media_type, byte_size };
}

// The list is of its own members: what is in there is one of them.
const isReadable = (mediaType: string): mediaType is MockupMediaType =>
  mockupMediaTypes.includes(mediaType as MockupMediaType);

const unknown = (field: string, message: string): AppError =>
  new AppError('unknown_reference', undefined, { fields: [{ path: `/body/${field}`, message }] });
const refused = (field: string, message: string): AppError =>
  new AppError('file_type_unacceptable', undefined, { fields: [{ path: `/body/${field}`, message }] });
