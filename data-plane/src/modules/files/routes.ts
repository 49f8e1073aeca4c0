import type { Implementation } from '@platen/chassis/http/types';
import { files } from '@platen/schema/contracts/data/files';
import type { Tenant } from '../../feed/tenant.js';
import { implement } from '../module.js';
import type { FileService } from './service.js';

export const fileRoutes = (service: FileService): Implementation<Tenant>[] => [
  implement(files.upload, ({ ctx, body, upload }) => service.upload(ctx, body, upload)),
  implement(files.list, ({ ctx, query }) => service.list(ctx, query)),
  implement(files.get, ({ ctx, params }) => service.get(ctx, params.id)),
  implement(files.content, ({ ctx, params, query }) => service.content(ctx, params.id, query.thumbnail ?? false)),
  implement(files.delete, ({ ctx, params }) => service.delete(ctx, params.id)),
];
