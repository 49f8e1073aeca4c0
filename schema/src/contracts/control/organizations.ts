import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { taxRoundings } from '../internal/feed.js';
import {
  Code,
  closed,
  Id,
  IdParams,
  literals,
  Name,
  nullable,
  PostalAddress,
  page,
  pageQuery,
  partial,
  stamps,
  Text,
} from '../shapes.js';

export const placeStatuses = ['active', 'archived'] as const;
export const PlaceStatus = literals(placeStatuses);

export const Organization = closed({ id: Id, code: Code, name: Name, status: PlaceStatus, ...stamps });

const Prefix = Type.String({
  pattern: '^[\\p{L}\\p{N}][\\p{L}\\p{N}._/-]{0,15}$',
  description: 'Begins the numbers of these documents: `SO` makes `SO-2026-00001`. Given numbers stay as they are',
  examples: ['SO'],
});

const settings = {
  workspace_required: Type.Boolean({ description: 'Nobody works in the organization without choosing a workspace' }),
  currency: Type.String({
    pattern: '^[A-Z]{3}$',
    examples: ['EUR'],
    description:
      'ISO 4217. What new documents and prices begin with. A change touches nothing that exists: customers, prices and documents keep their own currency',
  }),
  time_zone: Type.String({ minLength: 1, maxLength: 64, description: 'IANA name', examples: ['Europe/Berlin'] }),
  locale: Type.String({ minLength: 2, maxLength: 35, description: 'BCP 47', examples: ['de-DE'] }),
  tax_rounding: literals(taxRoundings),
  quote_prefix: Prefix,
  order_prefix: Prefix,
  purchase_order_prefix: Prefix,
  quote_valid_days: Type.Integer({ minimum: 1, maximum: 3650 }),
  receipt_tolerance_percent: Type.String({
    pattern: '^(?:100(?:\\.0{1,2})?|\\d{1,2}(?:\\.\\d{1,2})?)$',
    description: 'How much more than ordered may be received, 0 to 100',
    examples: ['5.00'],
  }),
  legal_name: nullable(Name),
  address: nullable(PostalAddress),
  tax_number: nullable(Type.String({ minLength: 1, maxLength: 64, pattern: '\\S' })),
  terms: nullable(Text),
  /** A picture that was uploaded to the organization's files; one that is not there is not shown. */
  logo_file_id: nullable(Id),
};
export const OrganizationSettings = closed({ organization_id: Id, ...settings, updated_at: stamps.updated_at });
export const SettingsPatch = partial(settings);

export const organizations = contracts('admin.organizations', {
  list: {
    method: 'GET',
    path: '/api/admin/organizations',
    access: requires('admin.organization.read'),
    summary: 'List organizations by code',
    description: 'Those that the caller may read: all, or the ones where they hold a role that says so.',
    query: closed({ ...pageQuery, status: Type.Optional(PlaceStatus) }),
    status: 200,
    response: page(Organization),
    paged: true,
    rateClass: 'read',
  },
  get: {
    method: 'GET',
    path: '/api/admin/organizations/:id',
    access: requires('admin.organization.read'),
    summary: 'Get an organization',
    params: IdParams,
    status: 200,
    response: Organization,
    rateClass: 'read',
  },
  create: {
    method: 'POST',
    path: '/api/admin/organizations',
    access: requires('admin.organization.write'),
    summary: 'Create an organization',
    description:
      "The permission is needed for the whole tenant. Settings that are not given are those of the tenant's first organization; text for documents begins empty.",
    body: closed({ code: Code, name: Name, settings: Type.Optional(SettingsPatch) }),
    status: 201,
    response: Organization,
    errors: ['duplicate'],
    rateClass: 'write',
  },
  update: {
    method: 'PATCH',
    path: '/api/admin/organizations/:id',
    access: requires('admin.organization.write'),
    summary: 'Rename, archive or restore an organization',
    description:
      'An archived one keeps its data; nobody signs in to it, and tokens for it are refused within a second. The last active one, and one with storefronts, stays.',
    params: IdParams,
    body: partial({ name: Name, status: PlaceStatus }),
    status: 200,
    response: Organization,
    errors: ['in_use', 'illegal_transition'],
    rateClass: 'write',
  },
});

export const organizationSettings = contracts('admin.organizationSettings', {
  get: {
    method: 'GET',
    path: '/api/admin/organizations/:id/settings',
    access: requires('admin.organization.read'),
    summary: "Get an organization's settings",
    params: IdParams,
    status: 200,
    response: OrganizationSettings,
    rateClass: 'read',
  },
  update: {
    method: 'PATCH',
    path: '/api/admin/organizations/:id/settings',
    access: requires('admin.organization_settings.write'),
    summary: "Change an organization's settings",
    description: 'Data planes go by them within a second. What exists keeps what it was made with.',
    params: IdParams,
    body: SettingsPatch,
    status: 200,
    response: OrganizationSettings,
    rateClass: 'write',
  },
});
