import type { Module, ModuleDeps } from '../../module.js';
import type { Rollups } from '../rollups/index.js';
import { runCountLine } from './count-run.js';
import { runRoutes } from './routes.js';
import { createRunService } from './runs-service.js';
import { createRunsTouched } from './touched.js';

/** Production jobs on machines: what counters count is done of them. */
export function runsModule(
  deps: ModuleDeps & { readonly wakeDueWork?: () => void },
  rollups: Pick<Rollups, 'onRolled'>,
): Module {
  rollups.onRolled(createRunsTouched(deps));
  return { implementations: runRoutes(createRunService(deps)), dueWork: [runCountLine] };
}
