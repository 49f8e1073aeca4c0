import t from 'tap';
import { readPromql } from './promql.js';

t.test('metrics, matchers and groupings of an expression', async (t) => {
  const read = readPromql(
    'sum by (job, le) (rate(http_request_duration_seconds_bucket{route!~".*/events",status="200"}[5m])) > 0 unless on (job) up == 0',
  );
  t.same(read.selectors, [
    {
      metric: 'http_request_duration_seconds_bucket',
      matchers: [
        { label: 'route', operator: '!~', value: '.*/events' },
        { label: 'status', operator: '=', value: '200' },
      ],
    },
    { metric: 'up', matchers: [] },
  ]);
  t.same(read.groupings, ['job', 'le', 'job']);
});

t.test('what Prometheus would refuse is refused', async (t) => {
  for (const text of ['sum by (job (up)', 'rate(up[5m]', 'up{job=}', 'up{job="a"} >']) {
    t.throws(() => readPromql(text), /no PromQL/, text);
  }
});
