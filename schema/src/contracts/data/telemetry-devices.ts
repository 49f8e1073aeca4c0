import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { deviceKinds, deviceStatuses } from '../../states/telemetry.js';
import {
  closed,
  Id,
  IdParams,
  literals,
  Name,
  nullable,
  page,
  pageQuery,
  partial,
  stamps,
  Timestamp,
  Version,
} from '../shapes.js';

/** What devices and metrics are called by whatever sends readings: nothing in it needs quoting in any of its formats. */
export const MachineCode = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: '^[a-z0-9][a-z0-9._-]*$',
  examples: ['press-1'],
});
/** In code, name or both; upper and lower case are one. */
export const Search = Type.String({ minLength: 1, maxLength: 100, examples: ['press'] });

/** As JSON. */
export const maxAttributesBytes = 4096;
const Attributes = Type.Record(
  Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' }),
  Type.Union([Type.String({ maxLength: 500 }), Type.Number(), Type.Boolean(), Type.Null()]),
  {
    maxProperties: 50,
    additionalProperties: false,
    description: `What else is known of it; at most ${maxAttributesBytes} bytes of JSON`,
    examples: [{ hall: '2', heads: 12 }],
  },
);

export const Device = closed({
  id: Id,
  /** null: of the whole organization. */
  workspace_id: nullable(Id),
  code: MachineCode,
  name: Name,
  kind: literals(deviceKinds),
  status: literals(deviceStatuses),
  attributes: Attributes,
  /** When something of it last arrived, give or take a minute; null: nothing yet. */
  last_seen_at: nullable(Timestamp),
  /** Its clock less ours, then. */
  clock_skew_ms: nullable(Type.Integer()),
  version: Version,
  ...stamps,
});
const fields = {
  code: MachineCode,
  name: Name,
  kind: literals(deviceKinds),
  attributes: Type.Optional(Attributes),
};

export const devices = contracts('telemetry.devices', {
  list: {
    method: 'GET',
    path: '/api/telemetry/devices',
    access: requires('telemetry.device.read'),
    summary: 'List devices, newest first',
    query: closed({
      ...pageQuery,
      status: Type.Optional(literals(deviceStatuses)),
      kind: Type.Optional(literals(deviceKinds)),
      q: Type.Optional({ ...Search, description: 'Part of the code or the name' }),
    }),
    status: 200,
    response: page(Device),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/telemetry/devices/:id',
    access: requires('telemetry.device.read'),
    summary: 'Get a device',
    params: IdParams,
    status: 200,
    response: Device,
    versioned: true,
  },
  create: {
    method: 'POST',
    path: '/api/telemetry/devices',
    access: requires('telemetry.device.write'),
    summary: 'Create a device',
    description:
      "Of the workspace of the context, or of the whole organization. The plan's limit counts active devices.",
    body: closed(fields),
    status: 201,
    response: Device,
    versioned: true,
    errors: ['duplicate', 'limit_reached'],
  },
  update: {
    method: 'PATCH',
    path: '/api/telemetry/devices/:id',
    access: requires('telemetry.device.write'),
    summary: 'Change a device, disable it or take it back',
    description:
      'A disabled device keeps its readings and its credentials, and sends nothing: here at once, at other instances within a minute. `attributes` are replaced as a whole.',
    params: IdParams,
    body: partial({ ...fields, status: literals(deviceStatuses) }),
    status: 200,
    response: Device,
    versioned: true,
    errors: ['duplicate', 'version_mismatch', 'limit_reached'],
  },
});

export const maxGraceSeconds = 24 * 3_600;

export const DeviceCredential = closed({
  id: Id,
  device_id: Id,
  /** The part of the secret that tells it from others, and nothing to use. */
  prefix: Type.String(),
  expires_at: nullable(Timestamp),
  /** Noted once a minute. */
  last_used_at: nullable(Timestamp),
  revoked_at: nullable(Timestamp),
  created_at: Timestamp,
});
const NewCredential = closed({
  ...DeviceCredential.properties,
  /** Shown in this answer only; the same answer given again has null. */
  secret: nullable(Type.String()),
});
const CredentialParams = closed({ id: Id, credential_id: Id });
const ExpiresAt = Type.Optional({
  ...nullable(Timestamp),
  description: 'Absent or null: it holds until it is revoked',
});

export const deviceCredentials = contracts('telemetry.devices.credentials', {
  list: {
    method: 'GET',
    path: '/api/telemetry/devices/:id/credentials',
    access: requires('telemetry.device_credential.write'),
    summary: 'List the credentials of a device, newest first',
    params: IdParams,
    query: closed(pageQuery),
    status: 200,
    response: page(DeviceCredential),
    paged: true,
  },
  create: {
    method: 'POST',
    path: '/api/telemetry/devices/:id/credentials',
    access: requires('telemetry.device_credential.write'),
    summary: 'Make a credential for a device',
    description:
      'With it the device sends its own readings, as `Authorization: Bearer pdev_…`, and can do nothing else. The secret is shown in this answer only.',
    params: IdParams,
    body: closed({ expires_at: ExpiresAt }),
    status: 201,
    response: NewCredential,
  },
  rotate: {
    method: 'POST',
    path: '/api/telemetry/devices/:id/credentials/:credential_id/rotate',
    access: requires('telemetry.device_credential.write'),
    summary: 'Put a new credential in the place of one',
    description: 'The old one holds for `grace_seconds` more, and no longer than it would have.',
    params: CredentialParams,
    body: closed({
      grace_seconds: Type.Integer({ minimum: 0, maximum: maxGraceSeconds, examples: [3_600] }),
      expires_at: ExpiresAt,
    }),
    status: 201,
    response: NewCredential,
    errors: ['illegal_transition'],
  },
  revoke: {
    method: 'POST',
    path: '/api/telemetry/devices/:id/credentials/:credential_id/revoke',
    access: requires('telemetry.device_credential.write'),
    summary: 'Revoke a credential of a device',
    description: 'Refused here at once, by other instances within a minute. Twice is fine.',
    params: CredentialParams,
    status: 200,
    response: DeviceCredential,
  },
});
