import { permissionDenied } from '@platen/chassis/http/app-error';
import type { Ctx } from '@platen/chassis/http/types';
import { normalizeCode } from '@platen/chassis/validation/normalize';
import type { BodyOf, OutputOf } from '@platen/schema/contract';
import type { accessAdministration } from '@platen/schema/contracts/control/access';
import { type ErrorCode, errors } from '@platen/schema/errors';
import { permissions } from '@platen/schema/permissions';
import {
  bitsOfCodes,
  codesOf,
  compileReach,
  includesAll,
  type Placement,
  type Reach,
  readCaller,
  readPlacement,
  wholeTenant,
} from '../access/index.js';
import { compareWorlds, type SubjectDifference } from './compare-access.js';
import { type Change, type ProblemCode, proposeChange } from './propose-change.js';
import { readWorld, type WorldAround } from './repo.js';
import { hasPlace, type World } from './world.js';

type Body = BodyOf<typeof accessAdministration.preview>;
type Answer = OutputOf<typeof accessAdministration.preview>;

const maxSubjects = 100;
const maxContexts = 20;

export interface PreviewService {
  /** @throws AppError permission_denied, validation_failed */
  previewChange(ctx: Ctx, body: Body): Promise<Answer>;
}

export const createPreviewService = (): PreviewService => ({
  async previewChange(ctx, body) {
    const { change, around, placement } = readChange(body, ctx.now());
    const nowMs = ctx.now().getTime();
    const [caller, world] = await Promise.all([
      readCaller(ctx, ctx.db),
      readWorld(ctx.db, ctx.tenant.id, { ...around, administrators: true }),
    ]);
    const reach = placement === 'of_row' ? reachOfRow(world, change) : placement;
    const own = compileReach({ ...caller, reach: reach ?? wholeTenant, nowMs });
    if (!includesAll(own.bits, previewing)) {
      // Whose row lies outside their reach, or is not there at all, is not told.
      if (placement === 'of_row') return answer([], ['not_found']);
      throw permissionDenied('admin.access.preview');
    }
    if (reach === undefined) return answer([], ['not_found']);
    if (!hasPlace(world, reach)) return answer([], ['unknown_reference']);
    const { after, problems } = proposeChange(world, change, own, nowMs);
    return answer(compareWorlds(world, after, nowMs), problems);
  },
});

const previewing = bitsOfCodes(['admin.access.preview']);

interface ReadChange {
  readonly change: Change;
  readonly around: WorldAround;
  /** Where the change would hold; `of_row`: where what it removes lies. */
  readonly placement: Reach | 'of_row';
}

/** The contract holds that there is exactly one. */
function readChange(body: Body, now: Date): ReadChange {
  if (body.role_create !== undefined) {
    const { code, permissions: codes } = body.role_create;
    const wanted = { code: normalizeCode(code, '/body/role_create/code'), bits: bitsOfCodes(codes) };
    return { change: { kind: 'role_create', ...wanted }, around: {}, placement: wholeTenant };
  }
  if (body.role_update !== undefined) {
    const { id, permissions: codes } = body.role_update;
    const bits = codes === undefined ? null : bitsOfCodes(codes);
    return { change: { kind: 'role_update', id, bits }, around: { roleId: id }, placement: wholeTenant };
  }
  if (body.role_delete !== undefined) {
    const { id } = body.role_delete;
    return { change: { kind: 'role_delete', id }, around: { roleId: id }, placement: wholeTenant };
  }
  if (body.user_role_create !== undefined) return readUserRole(body.user_role_create, now);
  if (body.permission_override_create !== undefined) return readOverride(body.permission_override_create, now);
  if (body.user_role_delete !== undefined) {
    const { id } = body.user_role_delete;
    return { change: { kind: 'user_role_delete', id }, around: { rowId: id }, placement: 'of_row' };
  }
  const { id } = body.permission_override_delete ?? {};
  if (id === undefined) throw new Error('the contract lets exactly one change through');
  return { change: { kind: 'permission_override_delete', id }, around: { rowId: id }, placement: 'of_row' };
}

function readUserRole(input: NonNullable<Body['user_role_create']>, now: Date): ReadChange {
  const placement = readPlacement(input, now, '/body/user_role_create');
  const row = { ...placed(placement), roleId: input.role_id };
  const change = { kind: 'user_role_create', userId: input.user_id, row } as const;
  return { change, around: { userId: input.user_id }, placement };
}

function readOverride(input: NonNullable<Body['permission_override_create']>, now: Date): ReadChange {
  const placement = readPlacement(input, now, '/body/permission_override_create');
  const row = { ...placed(placement), bit: permissions[input.permission].bit, effect: input.effect };
  const change = { kind: 'permission_override_create', userId: input.user_id, row } as const;
  return { change, around: { userId: input.user_id }, placement };
}

const placed = ({ expiresAt, ...reach }: Placement) => ({
  ...reach,
  expiresAtMs: expiresAt === null ? null : Date.parse(expiresAt),
});

function reachOfRow({ subjects }: World, change: Change): Reach | undefined {
  if (change.kind === 'user_role_delete') {
    return subjects.flatMap(({ assignments }) => assignments).find(({ id }) => id === change.id);
  }
  if (change.kind !== 'permission_override_delete') return undefined;
  return subjects.flatMap(({ overrides }) => overrides).find(({ id }) => id === change.id);
}

const answer = (found: readonly SubjectDifference[], problems: readonly ProblemCode[]): Answer => {
  const shown = found.slice(0, maxSubjects);
  const hidesContexts = shown.some(({ differences }) =>
    differences.some(({ contexts }) => contexts.length > maxContexts),
  );
  return {
    subjects: shown.map(({ subject, differences }) => ({
      kind: subject.kind,
      id: subject.id,
      name: subject.name,
      status: subject.status,
      differences: differences.map(({ gains, loses, contexts }) => ({
        gains: codesOf(gains),
        loses: codesOf(loses),
        contexts: contexts.slice(0, maxContexts).map(({ organizationId, workspaceId }) => ({
          organization_id: organizationId,
          workspace_id: workspaceId,
        })),
        context_count: contexts.length,
      })),
    })),
    subject_count: found.length,
    truncated: found.length > shown.length || hidesContexts,
    problems: problems.map((code) => ({ code, detail: titleOf(code) })),
  };
};

const titleOf = (code: ErrorCode): string => errors[code].title;
