import type { Cursors } from '@platen/chassis/http/cursor';
import type { HiddenPositions } from '@platen/chassis/http/hidden-positions';
import type { Tenant } from '../../../feed/tenant.js';

/** Numbers of roll-ups as they are shown: all organizations of a tenant share them. One of another database is beyond all. */
export const livePositions = (cursors: Cursors, tenant: Pick<Tenant, 'id' | 'telemetryDbKey'>): HiddenPositions =>
  cursors.positionsOf(tenant.id, `readings of ${tenant.telemetryDbKey}`);
