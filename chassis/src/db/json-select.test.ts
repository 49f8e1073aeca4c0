import { closed, Id, literals, Money, nullable, Timestamp } from '@platen/schema/contracts/shapes';
import t from 'tap';
import { Type } from 'typebox';
import { jsonArray, jsonExpression, jsonSelect } from './json-select.js';

t.equal(
  jsonSelect(closed({ id: Id, name: Type.String(), n: Type.Integer(), on: Type.Boolean() }), {
    id: 't.id',
    name: 't.name',
    n: 't.n',
    on: 't.on',
  }),
  `concat('{"id":"', t.id, '","name":', to_json(t.name), ',"n":', t.n, ',"on":', case when t.on then 'true' else 'false' end, '}')`,
  'ids go as they are, text is escaped',
);
t.equal(
  jsonSelect(closed({ cost: nullable(Money), status: literals(['a', 'b']) }), {
    cost: { amount: 't.cost', currency: 'p.currency' },
    status: 't.status',
  }),
  `concat('{"cost":', case when t.cost is null then 'null' else concat('{"amount":"', t.cost, '","currency":"', p.currency, '"}') end, ',"status":"', t.status, '"}')`,
  'a nullable object is null with its first column',
);
t.match(jsonSelect(closed({ at: Timestamp }), { at: 't.at' }), 'SS.MS"Z"', 'timestamps have milliseconds and a Z');
t.equal(
  jsonSelect(closed({ tags: Type.Array(Type.String()) }), { tags: jsonExpression('t.tags') }),
  `concat('{"tags":', t.tags, '}')`,
);
t.match(jsonArray('x', 'lines t order by position').json, /string_agg\(item, ','\).*from lines t order by position/);

t.throws(() => jsonSelect(closed({ id: Id }), {}), /No column for the field id/);
t.throws(() => jsonSelect(closed({ id: Id }), { id: 't.id', secret: 't.s' }), /No field of the response: secret/);
t.throws(
  () => jsonSelect(closed({ tags: Type.Array(Type.String()) }), { tags: 't.tags' }),
  /tags: an object or a list/,
);

const wide = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`f${i}`, Type.Integer()]));
const columns = Object.fromEntries(Object.keys(wide).map((name) => [name, `t.${name}`]));
t.match(jsonSelect(closed(wide), columns), /^concat\(concat\(.*\), concat\(/, 'more than 100 arguments are nested');
