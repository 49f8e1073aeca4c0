import t from 'tap';
import { readDashboard } from './expressions.js';

const { panels, templating, title, uid } = readDashboard();
const drawn = panels.filter(({ type }) => type !== 'row');

t.test('panels have ids and places of their own, a title, and something to ask', async (t) => {
  t.ok(title && uid);
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  for (const panel of drawn) {
    t.ok(panel.title, String(panel.id));
    t.ok(panel.fieldConfig?.defaults.unit, panel.title);
    t.ok((panel.targets ?? []).length > 0, panel.title);
    const refs = (panel.targets ?? []).map(({ refId }) => refId);
    t.equal(new Set(refs).size, refs.length, panel.title);
  }
  const overlapping = panels.flatMap((one, index) =>
    panels.slice(index + 1).filter(({ gridPos: { x, y, w, h } }) => {
      const { gridPos } = one;
      return x < gridPos.x + gridPos.w && gridPos.x < x + w && y < gridPos.y + gridPos.h && gridPos.y < y + h;
    }),
  );
  t.same(overlapping, []);
});

t.test('whoever imports it chooses the Prometheus', async (t) => {
  const [source] = templating.list;
  t.match(source, { name: 'datasource', type: 'datasource', query: 'prometheus' });
  for (const { title: name, datasource } of drawn) {
    t.same(datasource, { type: 'prometheus', uid: `\${datasource}` }, name);
  }
  const uids = [...JSON.stringify({ panels, templating }).matchAll(/"uid":"([^"]*)"/g)].map(([, found]) => found);
  t.same([...new Set(uids)], [`\${datasource}`]);
});

t.test('variables that panels use are there', async (t) => {
  const known = new Set(templating.list.map(({ name }) => name));
  const used = [...JSON.stringify(panels).matchAll(/\$\{?([a-zA-Z]\w*)\}?/g)].map(([, name = '']) => name);
  t.same(
    [...new Set(used)].filter((name) => !known.has(name)),
    [],
  );
});
