/** Why a site could not be asked, or what it refused. The site's own words are in `message`, without what may be secret. */
export type SiteErrorCode =
  | 'authentication_failed'
  | 'api_disabled'
  /** What answers is no DecoNetwork site, or none that lets us in: a page for people, a redirect. */
  | 'not_a_site'
  | 'site_unavailable'
  | 'timeout'
  | 'too_large'
  | 'invalid_request'
  | 'address_refused'
  /** It understood and said no. */
  | 'refused';

export interface VendorStatus {
  readonly code: number;
  readonly severity: string;
  readonly description: string;
}

export class SiteError extends Error {
  override readonly name = 'SiteError';
  readonly code: SiteErrorCode;
  /** Can the same call end otherwise soon? */
  readonly mayPass: boolean;
  /** May the site have acted on it? */
  readonly reached: boolean;
  /** null: there was no answer that says one. */
  readonly status: VendorStatus | null;
  /** When the site asked for patience. */
  readonly retryAfterMs: number;
  constructor(
    code: SiteErrorCode,
    message: string,
    facts: {
      readonly mayPass: boolean;
      readonly reached: boolean;
      readonly status?: VendorStatus;
      readonly retryAfterMs?: number;
    },
  ) {
    super(message);
    this.code = code;
    this.mayPass = facts.mayPass;
    this.reached = facts.reached;
    this.status = facts.status ?? null;
    this.retryAfterMs = facts.retryAfterMs ?? 0;
  }
}
