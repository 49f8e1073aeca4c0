import type { EventFeed } from '../../event-streams/index.js';
import type { Module, ModuleDeps } from '../../module.js';
import type { Rollups } from '../rollups/index.js';
import { createAlertService } from './alerts-service.js';
import { createBacktester } from './backtest.js';
import { createLiveLooks } from './live-looks.js';
import { alertLookLine } from './look-due.js';
import { alertRoutes, alertRuleRoutes } from './routes.js';
import { createAlertRuleService } from './rules-service.js';

export { lookAtAll } from './look.js';

/** When a metric is worth an alert, and the alerts: looked at after each roll-up, and when an organization is due. */
export function alertsModule(
  deps: Pick<ModuleDeps, 'cursors' | 'openTelemetryDb'> & { readonly events: EventFeed },
  rollups: Pick<Rollups, 'onRolled'>,
): Module {
  rollups.onRolled(createLiveLooks(deps));
  return {
    implementations: [
      ...alertRuleRoutes(createAlertRuleService(deps.cursors), createBacktester()),
      ...alertRoutes(createAlertService(deps.cursors), deps.events),
    ],
    dueWork: [alertLookLine],
  };
}
