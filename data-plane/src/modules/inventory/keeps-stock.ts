import { hasModule } from '../../feed/tenant.js';
import type { WorkCtx } from '../module.js';

/** Whether the tenant has the module of stock now: without it nothing is reserved, taken or brought. */
export const keepsStock = (ctx: WorkCtx): boolean => hasModule(ctx.tenant, 'erp.inventory', ctx.now().getTime());
