import t from 'tap';
import { kindOf } from './event-feed.js';

t.test('a stream is of one database', async (t) => {
  t.equal(kindOf(['erp.order', 'erp.production_job']), 'erp');
  t.equal(kindOf(['telemetry.alert']), 'telemetry');
  t.throws(() => kindOf(['erp.order', 'telemetry.alert']), /at once/);
  t.throws(() => kindOf([]));
});
