import { implementSite } from '@platen/chassis/http/implement';
import type { SiteImplementation } from '@platen/chassis/http/types';
import { accountMails } from '@platen/schema/contracts/internal/account-mails';
import type { AccountMailService } from './service.js';

export const accountMailRoutes = (service: AccountMailService): SiteImplementation[] => [
  implementSite(accountMails.get, async ({ ctx, params }) =>
    service.readMail(params.tenant_id, params.event_id, ctx.now()),
  ),
  implementSite(accountMails.delivered, async ({ params }) => service.eraseSecret(params.tenant_id, params.event_id)),
];
