import type { Implementation } from '@platen/chassis/http/types';
import { productImages } from '@platen/schema/contracts/data/product-images';
import type { Tenant } from '../../../feed/tenant.js';
import { implement } from '../../module.js';
import type { ImageService } from './service.js';

export const imageRoutes = (service: ImageService): Implementation<Tenant>[] => [
  implement(productImages.list, ({ ctx, params, query }) => service.list(ctx, params.id, query)),
  implement(productImages.attach, ({ ctx, params, body }) => service.attach(ctx, params.id, body)),
  implement(productImages.update, ({ ctx, params, body }) => service.update(ctx, params.id, params.image_id, body)),
  implement(productImages.reorder, ({ ctx, params, body }) => service.reorder(ctx, params.id, body.image_ids)),
  implement(productImages.remove, ({ ctx, params }) => service.remove(ctx, params.id, params.image_id)),
];
