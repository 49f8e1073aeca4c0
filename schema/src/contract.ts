import type { Static, TObject, TSchema } from 'typebox';
import type { resetEventType, StreamReset } from './contracts/shapes.js';
import type { ErrorCode } from './errors.js';
import { type ModuleCode, modules } from './modules.js';
import { type PermissionCode, permissions } from './permissions.js';

/** Scopes of service tokens: what one of our own processes may do on an internal listener. */
export const serviceScopes = [
  'feed',
  'outbox',
  'erp.mail',
  'erp.job',
  'erp.quote.expiry',
  'account.mail',
  'tenant.lifecycle',
  'telemetry',
] as const;
export type ServiceScope = (typeof serviceScopes)[number];

/** Roles of platform administrators, the least first: each may do what those before it may. */
export const platformRoles = ['auditor', 'operator', 'owner'] as const;
export type PlatformRole = (typeof platformRoles)[number];

/** Who may call an endpoint. Without one a contract does not compile. */
export type Access =
  | 'public'
  /** Any signed-in user of the tenant, in any context or none. */
  | 'self'
  /** `device`: or a device that shows a credential of its own, in the organization that this names. */
  | { readonly permission: PermissionCode; readonly module: ModuleCode; readonly device?: true }
  | { readonly service: ServiceScope }
  /** At the platform's host: an administrator of this role or a higher one. */
  | { readonly platform: PlatformRole }
  /** At the platform's host, before anybody is signed in. */
  | 'platform_public'
  /** The client-credentials exchange itself: authenticated by its body. */
  | 'client_credentials';

/** The access of an endpoint guarded by a permission; its module comes from the permission catalogue. */
export function requires<P extends PermissionCode>(permission: P) {
  return { permission, module: permissions[permission].module as ModuleCode } as const;
}

/** The same, for users and for devices. */
export const requiresOrDevice = <P extends PermissionCode>(permission: P) =>
  ({ ...requires(permission), device: true }) as const;

export const featureFlagOf = (module: ModuleCode): string | undefined => {
  const entry: { readonly product: string; readonly featureFlag?: string } = modules[module];
  return entry.featureFlag;
};

/** Token bucket that a request draws from. */
export type RateClass = 'auth' | 'read' | 'write' | 'compute';

/**
 * A body that is streamed to the handler instead of being read and parsed. Such an endpoint takes no other content type
 * than it names.
 */
export interface UploadSpec {
  /**
   * `multipart/form-data`: the text fields that `body` describes, then one part named `file`. `application/json`: what
   * `body` describes, for readers and the SDK; the handler parses and judges it, as it does the types beside it.
   */
  readonly mediaType: 'multipart/form-data' | 'text/csv' | 'application/octet-stream' | 'application/json';
  /** Taken as well, each with what such a body may look like. */
  readonly also?: { readonly [M in TextMediaType]?: { readonly description: string; readonly example: string } };
  /** Of the file, unpacked too; a larger one is 413 as soon as that is known. */
  readonly maxBytes: number;
  /** Which `Content-Encoding` is undone before the handler reads. Absent: none is taken. */
  readonly encodings?: readonly ['gzip'];
  /** What a body of text may look like, for readers. */
  readonly example?: string;
}

export type TextMediaType = 'application/x-ndjson' | 'text/plain';

export interface ContractSpec {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Fastify / OpenAPI-style with `:name` parameters. */
  readonly path: `/${string}`;
  readonly access: Access;
  /** Permissions that the handler asks for itself, beyond `access`: they widen what the call may do. */
  readonly consults?: readonly PermissionCode[];
  /** One line for the reference docs, imperative. */
  readonly summary: string;
  readonly description?: string;
  readonly params?: TObject;
  /** Coerced from text; everything else about the query is strict. */
  readonly query?: TObject;
  /** JSON; with a multipart `upload`, its text fields. Of an `upload` of JSON it is not checked before the handler. */
  readonly body?: TSchema;
  /** POST only, exempt from idempotency keys: nothing keeps a file for its repeat. */
  readonly upload?: UploadSpec;
  /** The status of success. */
  readonly status: 200 | 201 | 204;
  /** Absent with 204. */
  readonly response?: TSchema;
  /** Error codes this endpoint adds to those that every endpoint of its access can give. */
  readonly errors?: readonly ErrorCode[];
  /** `items` + `next_cursor`; the SDK adds an iterator. */
  readonly paged?: true;
  /** The response has `version`: answers with an ETag; PATCH, PUT and actions honour If-Match. */
  readonly versioned?: true;
  /** GET only, beside `versioned`: it shows more than its version counts, what others have of it; never answered by a 304. */
  readonly live?: true;
  /** GET only: the answer carries an ETag of its content, and If-None-Match with it gets a 304. */
  readonly tagged?: true;
  /** POST only: 'exempt' takes no Idempotency-Key (sign-in, pricing, leases). Every other POST takes one. */
  readonly idempotency?: 'exempt';
  /** GET only: a browser navigates here, so a correlation id is made when none is sent. */
  readonly navigable?: true;
  /** A parameter of the path is a secret: no answer repeats the path. Logs and metrics know routes only. */
  readonly secretPath?: true;
  /**
   * A stream or a foreign media type instead of JSON, e.g. `application/x-ndjson`. `application/octet-stream` stands
   * for any: the handler may name another with `reply.type`.
   */
  readonly mediaType?: string;
  /**
   * GET with a `mediaType`: bytes that were uploaded, with an ETag. A Range is answered 206, If-None-Match 304, and where
   * the storage hands them out itself, 302 with a short-lived link.
   */
  readonly download?: true;
  /**
   * GET, navigable, of the media type `text/event-stream`: the data of each type of event. The stream can also send
   * `reset` (`StreamReset`). It resumes after the header `Last-Event-ID`, or after the query's `last_event_id`.
   */
  readonly events?: Readonly<Record<string, TSchema>>;
  /** Beside `events`: the types that end the stream for good. */
  readonly ends?: readonly string[];
  readonly rateClass?: RateClass;
}

export type Contract = ContractSpec & { readonly name: string };

/** Names the contracts of one noun: `contracts('erp.quotes', { send: … })` → `erp.quotes.send`, the SDK's path too. */
export function contracts<const G extends string, const T extends Record<string, ContractSpec>>(
  group: G,
  specs: T,
): { readonly [K in keyof T & string]: T[K] & { readonly name: `${G}.${K}` } } {
  const named = Object.entries(specs).map(([key, spec]) => [key, Object.freeze({ ...spec, name: `${group}.${key}` })]);
  return Object.freeze(Object.fromEntries(named));
}

export type ContractTree = { readonly [key: string]: Contract | ContractTree };

/** All contracts of a tree, in order of declaration. */
export function listContracts(tree: ContractTree): Contract[] {
  return Object.values(tree).flatMap((node) => (isContract(node) ? [node] : listContracts(node)));
}

const isContract = (node: Contract | ContractTree): node is Contract => typeof node['path'] === 'string';

type StaticOr<S, Fallback> = S extends TSchema ? Static<S> : Fallback;
// biome-ignore lint/complexity/noBannedTypes: the empty object is the neutral element of the intersection below
type None = {};
export type ParamsOf<C extends ContractSpec> = StaticOr<C['params'], None>;
export type QueryOf<C extends ContractSpec> = StaticOr<C['query'], None>;
export type BodyOf<C extends ContractSpec> = StaticOr<C['body'], None>;
/** What the SDK takes: params, query and body as one flat object (names never collide; a test holds it). */
export type InputOf<C extends ContractSpec> = ParamsOf<C> & QueryOf<C> & BodyOf<C>;
export type OutputOf<C extends ContractSpec> = StaticOr<C['response'], void>;
/** What a reader of an event stream gets, by its type; the id is where to resume. */
export type EventOf<C extends ContractSpec> = C extends { readonly events: infer E extends Record<string, TSchema> }
  ? { readonly [K in keyof E & string]: StreamedEvent<K, Static<E[K]>> }[keyof E & string] | StreamedReset
  : never;
interface StreamedEvent<T extends string, D> {
  readonly type: T;
  readonly id: string;
  readonly data: D;
}
type StreamedReset = StreamedEvent<typeof resetEventType, Static<typeof StreamReset>>;
export type ErrorsOf<C extends ContractSpec> = C['errors'] extends readonly (infer E extends ErrorCode)[] ? E : never;

/** Does a call of this contract take an Idempotency-Key? */
export const takesIdempotencyKey = (contract: ContractSpec): boolean =>
  contract.method === 'POST' && contract.idempotency !== 'exempt';

/**
 * Does a call of this contract honour If-Match? Also one that answers with something else than the document it changes;
 * not one that makes a document, whose path names none: there is nothing yet that a tag could be of.
 */
export const takesIfMatch = ({ method, path, versioned, errors = [] }: ContractSpec): boolean =>
  method !== 'GET' &&
  // What there is one of in its organization has no id to be named by.
  (path.includes(':') || method !== 'POST') &&
  (versioned === true || errors.includes('version_mismatch'));
