import type {
  BodyOf,
  Contract,
  ContractTree,
  ErrorsOf,
  EventOf,
  InputOf,
  OutputOf,
  ParamsOf,
  QueryOf,
  UploadSpec,
} from '@platen/schema/contract';
import type { ErrorCode } from '@platen/schema/errors';
import type { CallOptions } from './call.js';
import type { PlatenError } from './errors.js';
import type { Download, FormFile, Packing } from './streams.js';

/** Codes that any endpoint can answer with. */
export type CommonCode = Extract<
  ErrorCode,
  | 'validation_failed'
  | 'malformed_body'
  | 'malformed_url'
  | 'correlation_id_required'
  | 'invalid_host'
  | 'invalid_cursor'
  | 'invalid_idempotency_key'
  | 'invalid_if_match'
  | 'authentication_required'
  | 'token_invalid'
  | 'token_expired'
  | 'token_stale'
  | 'token_revoked'
  | 'token_tenant_mismatch'
  | 'permission_denied'
  | 'module_unavailable'
  | 'context_required'
  | 'context_not_allowed'
  | 'tenant_suspended'
  | 'origin_not_allowed'
  | 'insufficient_scope'
  | 'platform_role_required'
  | 'not_found'
  | 'route_not_found'
  | 'tenant_not_found'
  | 'feature_disabled'
  | 'conflict'
  | 'idempotency_in_flight'
  | 'idempotency_key_reused'
  | 'body_too_large'
  | 'request_timeout'
  | 'unsupported_media_type'
  | 'rate_limited'
  | 'contended'
  | 'database_unavailable'
  | 'schema_behind'
  | 'draining'
  | 'not_ready'
  | 'dependency_unavailable'
  | 'internal_error'
>;
/** Every code that a method can fail with. */
export type CodesOf<C extends Contract> = ErrorsOf<C> | CommonCode;

/** Shows a flat object instead of an intersection in editors and messages. */
type Flat<T> = { [K in keyof T]: T[K] };
type Args<I> =
  Record<never, never> extends I ? [input?: Flat<I>, options?: CallOptions] : [input: Flat<I>, options?: CallOptions];

/** Lines are what the server wrote, parsed and not validated. */
type AnswerOf<C extends Contract> = C extends { readonly mediaType: 'application/x-ndjson' }
  ? AsyncGenerator<LineOf<C>, void>
  : C extends { readonly mediaType: string }
    ? Download
    : OutputOf<C>;
/** A contract that calls its answer a text says nothing of its lines. */
type LineOf<C extends Contract> = OutputOf<C> extends string ? unknown : OutputOf<C>;

type SentOf<C extends Contract> = C extends { readonly upload: { readonly mediaType: 'multipart/form-data' } }
  ? InputOf<C> & FormFile
  : C extends { readonly upload: infer U extends JsonUpload }
    ? (ParamsOf<C> & BodyOf<C> & Packing) | (ParamsOf<C> & QueryOf<C> & SentInPlace<U> & Packing)
    : C extends { readonly upload: object }
      ? InputOf<C> & Pick<FormFile, 'file'>
      : InputOf<C>;

type JsonUpload = UploadSpec & { readonly mediaType: 'application/json' };
/** What is JSON already, or one of the other types that the endpoint takes. */
interface SentInPlace<U extends JsonUpload> extends Pick<FormFile, 'file'> {
  readonly media_type: U['mediaType'] | (keyof U['also'] & string);
}

interface Paging<C extends Contract> {
  /** All pages, from the first or from `cursor`; each page is a call of its own. */
  pages(...args: Args<InputOf<C>>): AsyncGenerator<OutputOf<C>, void>;
  /** All items of all pages. */
  items(...args: Args<InputOf<C>>): AsyncGenerator<OutputOf<C> extends { items: (infer Item)[] } ? Item : never, void>;
}

export type Method<C extends Contract> = ((...args: Args<SentOf<C>>) => Promise<AnswerOf<C>>) & {
  /** Is this the failure of this method? Narrows `code` to what this endpoint can say. */
  isError(error: unknown): error is PlatenError<CodesOf<C>>;
} & (C extends { readonly paged: true } ? Paging<C> : unknown);

/**
 * The method of an event stream. Each iteration is a connection, which comes again for as long as it is iterated, after the
 * last event it handed out; `reset` says that what is in between is not kept any more: read everything anew.
 */
export type EventMethod<C extends Contract> = ((...args: Args<InputOf<C>>) => AsyncGenerator<EventOf<C>, void>) &
  Pick<Method<C>, 'isError'>;

/** What a method answers: `Answer<Client['erp']['quotes']['get']>`. */
export type Answer<M extends (...args: never[]) => Promise<unknown>> = Awaited<ReturnType<M>>;

/** The methods of a tree of contracts, at the contracts' own names. */
export type Methods<T extends ContractTree> = {
  readonly [K in keyof T]: T[K] extends Contract
    ? T[K] extends { readonly events: object }
      ? EventMethod<T[K]>
      : Method<T[K]>
    : T[K] extends ContractTree
      ? Methods<T[K]>
      : never;
};
