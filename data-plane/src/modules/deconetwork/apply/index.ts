import { implementSite } from '@platen/chassis/http/implement';
import { deconetworkRecords } from '@platen/schema/contracts/internal/deconetwork';
import type { Module, ModuleDeps } from '../../module.js';
import { createMoveSteps } from '../../orders/index.js';
import { createApplyEngine } from './apply-record.js';
import { finishReading } from './finish-reading.js';
import { openCall } from './open-call.js';
import { takeRecords } from './records.js';
import { noteUnreadable } from './unreadable.js';

export type { ApplyEngine } from './apply-record.js';
export type { Applied, ApplyCall, ApplyOptions, ImportRow } from './call.js';
export { type OpenedCall, openCall } from './open-call.js';
export { countRows, hasDoneSql } from './rows-repo.js';

/** What does with records what a job was asked for; a retry and an undo use it too. */
export const applyEngineOf = ({ feed }: Pick<ModuleDeps, 'feed'>) => {
  const findOrganization = (tenantId: string, id: string) => feed.organization(tenantId, id);
  return createApplyEngine({ findOrganization, steps: createMoveSteps({ findOrganization }) });
};

/** Records of a site, as they become what they are here. */
export function applyArea(deps: ModuleDeps): Module {
  const engine = applyEngineOf(deps);
  return {
    implementations: [],
    internal: [
      implementSite(deconetworkRecords.records, async ({ ctx, params, body }) => {
        const opened = await openCall(deps, ctx, params, body);
        await noteUnreadable(opened.call, body.unreadable ?? []);
        return { result: await takeRecords(engine, opened, body.step, body.records) };
      }),
      implementSite(deconetworkRecords.finishReading, async ({ ctx, params, body }) => ({
        result: await finishReading(await openCall(deps, ctx, params, body), body),
      })),
    ],
  };
}
