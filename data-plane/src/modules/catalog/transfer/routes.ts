import type { Implementation } from '@platen/chassis/http/types';
import { catalog } from '@platen/schema/contracts/data/catalog-transfer';
import type { Tenant } from '../../../feed/tenant.js';
import { implement } from '../../module.js';
import type { TransferService } from './service.js';

export const transferRoutes = (service: TransferService): Implementation<Tenant>[] => [
  implement(catalog.import, ({ ctx, query, upload }) => service.import(ctx, query, upload.file)),
  implement(catalog.export, async ({ ctx, query, reply }) => {
    reply.header('content-disposition', 'attachment; filename="catalogue.csv"');
    return service.export(ctx, query);
  }),
];
