import { createHash } from 'node:crypto';
import type { Queryable } from '@platen/chassis/db/types';
import { AppError } from '@platen/chassis/http/app-error';
import type { OutputOf } from '@platen/schema/contract';
import type {
  AccountMail,
  AccountMailKind,
  accountMails,
  WithheldReason,
} from '@platen/schema/contracts/internal/account-mails';
import type { TextCipher } from '../keys/index.js';
import { mailKinds, secretOf } from './queue.js';
import * as repo from './repo.js';

type Answer = OutputOf<typeof accountMails.get>;

export interface AccountMailService {
  /** @throws AppError not_found */
  readMail(tenantId: string, eventId: string, now: Date): Promise<Answer>;
  /** @throws AppError not_found */
  eraseSecret(tenantId: string, eventId: string): Promise<void>;
}

export interface LinkSettings {
  readonly production: boolean;
  /** Of a front end on a developer's machine; in production there is no port but https'. */
  readonly devPort: number;
}

export interface AccountMailDeps {
  /** As the role that sees every tenant. */
  readonly db: Queryable;
  readonly cipher: TextCipher;
  readonly links: LinkSettings;
}

export const createAccountMailService = (deps: AccountMailDeps): AccountMailService => ({
  async readMail(tenantId, eventId, now) {
    const row = await repo.findQueuedMail(deps.db, tenantId, eventId);
    const kind = row === undefined ? undefined : kindOf(row.type);
    if (row === undefined || kind === undefined) throw new AppError('not_found');
    const { data } = row;
    if (row.tenant_status === 'suspended' || row.tenant_status === 'deleting') return withheld('tenant_inactive');
    const path = linkPaths[kind];
    if (path === null) return sendable(row, kind, null);
    if (data.secret === null) return withheld('sent');
    if (data.expires_at !== null && Date.parse(data.expires_at) <= now.getTime()) return withheld('expired');
    const token = deps.cipher.decrypt(data.secret, secretOf(tenantId, eventId));
    const tokenHash = createHash('sha256').update(token).digest('hex');
    const link = { invitation: kind === 'invitation', subjectId: data.subject_id, tokenHash };
    if (!(await repo.isLinkOpen(deps.db, tenantId, link))) return withheld('used');
    if (row.domain === null) throw new Error('the tenant has no domain that a link could lead to');
    return sendable(row, kind, linkTo(deps.links, row.domain, path, token));
  },

  async eraseSecret(tenantId, eventId) {
    if (!(await repo.updateSecretErased(deps.db, tenantId, eventId))) throw new AppError('not_found');
  },
});

/** Where the tenant's front end takes the token. null: the mail only tells. */
const linkPaths: Readonly<Record<AccountMailKind, string | null>> = {
  invitation: '/invitation',
  password_reset: '/password-reset',
  email_change: '/email-change',
  email_changed: null,
  password_changed: null,
};

const withheld = (reason: WithheldReason): Answer => ({ mail: null, withheld: reason });

function sendable(row: repo.QueuedMail, kind: AccountMailKind, link: string | null): Answer {
  const { to, expires_at } = row.data;
  const mail: AccountMail = {
    kind,
    to,
    tenant_name: row.tenant_name,
    locale: row.locale ?? 'en',
    link,
    expires_at: link === null ? null : expires_at,
  };
  return { mail, withheld: null };
}

/**
 * From the tenant's own record, never from what a request said its host was. The token stands in the fragment, which
 * browsers send to no server and in no `Referer`.
 */
function linkTo({ production, devPort }: LinkSettings, domain: string, path: string, token: string): string {
  const origin = production ? `https://${domain}` : `http://${domain}:${devPort}`;
  return `${origin}${path}#token=${encodeURIComponent(token)}`;
}

const kinds = new Map<string, AccountMailKind>(
  Object.entries(mailKinds).map(([kind, type]) => [type, kind as AccountMailKind]),
);
const kindOf = (type: string): AccountMailKind | undefined => kinds.get(type);
