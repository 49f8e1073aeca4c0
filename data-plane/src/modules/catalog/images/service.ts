import { AppError } from '@platen/chassis/http/app-error';
import type { Cursors } from '@platen/chassis/http/cursor';
import { type PageQuery, readPage } from '@platen/chassis/http/paging';
import { RawJson } from '@platen/chassis/http/types';
import type { BodyOf } from '@platen/schema/contract';
import type { productImages } from '@platen/schema/contracts/data/product-images';
import { changedJson } from '../../../stored-json.js';
import { type FindOrganization, organizationOf } from '../../documents/index.js';
import type { TenantCtx } from '../../module.js';
import { isProductThere } from '../variants/repo.js';
import * as repo from './repo.js';

export interface ImageService {
  list(ctx: TenantCtx, productId: string, query: PageQuery): Promise<RawJson>;
  attach(ctx: TenantCtx, productId: string, body: BodyOf<typeof productImages.attach>): Promise<RawJson>;
  update(ctx: TenantCtx, productId: string, id: string, body: BodyOf<typeof productImages.update>): Promise<RawJson>;
  reorder(ctx: TenantCtx, productId: string, imageIds: readonly string[]): Promise<void>;
  remove(ctx: TenantCtx, productId: string, id: string): Promise<void>;
}

export function createImageService(deps: { cursors: Cursors; findOrganization: FindOrganization }): ImageService {
  return {
    async list(ctx, productId, query) {
      const page = await readPage(ctx, deps.cursors, repo.imagePage, query, [productId]);
      // Only an empty page leaves open whether there is such a product.
      if (page.text.startsWith('{"items":[]') && !(await isProductThere(ctx.db, productId))) {
        throw new AppError('not_found');
      }
      return page;
    },

    attach(ctx, productId, { file_id, alt = '', position = null }) {
      const { id: organizationId } = organizationOf(deps.findOrganization, ctx);
      const row = {
        tenantId: ctx.tenant.id,
        organizationId,
        id: ctx.newId(),
        productId,
        fileId: file_id,
        alt,
        position,
      };
      return ctx.write(async (tx) => {
        const attached = await repo.insertImage(tx, row);
        if (!attached) throw new AppError('not_found');
        if (attached.media_type === null) throw refused('unknown_reference', 'names no file');
        if (attached.json === null) throw refused('file_type_unacceptable', 'is not a picture');
        return new RawJson(attached.json, attached.version);
      });
    },

    update: async (ctx, productId, id, patch) =>
      changedJson(await repo.updateImage(ctx.db.leased, productId, id, ctx.ifMatch, patch)),

    reorder: (ctx, productId, imageIds) =>
      ctx.write(async (tx) => {
        if (!(await repo.lockProductForImages(tx, productId))) throw new AppError('not_found');
        if (await repo.reorderImages(tx, productId, imageIds)) return;
        throw new AppError('content_changed', 'The list is not that of the pictures of this product', {
          fields: [{ path: '/body/image_ids', message: 'must name each picture of the product once' }],
        });
      }),

    async remove(ctx, productId, id) {
      if (!(await repo.deleteImage(ctx.db.leased, productId, id))) throw new AppError('not_found');
    },
  };
}

const refused = (code: 'unknown_reference' | 'file_type_unacceptable', message: string): AppError =>
  new AppError(code, undefined, { fields: [{ path: '/body/file_id', message }] });
