// Who may import whom. The rules speak of sources; `npm run check` runs them over every package.
const anywhere = { path: '^(schema|chassis|sdk|control-plane|data-plane|workers|deploy|bench)/src/' };
const tests = '\\.(test|fixture)\\.ts$|/test/|/testkit/';
/** From `from` (tests aside) nothing of Platen may be imported but what `allowed` names. */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from, pathNot: tests },
  to: { path: '^(schema|chassis|sdk|control-plane|data-plane|workers|deploy|bench)/', pathNot: allowed },
});

export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: anywhere,
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolved', severity: 'error', from: anywhere, to: { couldNotResolve: true } },
    only('schema-stands-alone', '^schema/src', ['^schema/']),
    only('chassis-on-schema', '^chassis/src', ['^chassis/', '^schema/']),
    only('sdk-on-contracts', '^sdk/src', ['^sdk/', '^schema/']),
    only('control-plane-imports', '^control-plane/src', [
      '^control-plane/',
      '^chassis/(src|dist)/(?!testkit|embedded-postgres)',
      '^schema/',
      '^sdk/(src|dist)/internal',
    ]),
    only('data-plane-imports', '^data-plane/src', [
      '^data-plane/',
      '^chassis/(src|dist)/(?!testkit|embedded-postgres)',
      '^schema/',
      '^sdk/(src|dist)/internal',
    ]),
    only('worker-imports', '^workers/[^/]+/src', [
      '^workers/',
      '^chassis/(src|dist)/(?!testkit|embedded-postgres|db)',
      '^schema/',
      '^sdk/',
    ]),
    // A stand-in for somebody else's product: it knows nothing of ours, and only tests know it.
    only('deconetwork-site-stands-alone', '^deploy/deconetwork-site/src', ['^deploy/deconetwork-site/']),
    {
      name: 'chassis-names-no-business-table',
      severity: 'error',
      from: { path: '^chassis/src', pathNot: tests },
      to: { path: '^schema/(src|dist)/tables/(control|erp|telemetry)/' },
    },
    {
      name: 'sdk-has-types-only-of-schema',
      severity: 'error',
      from: { path: '^sdk/src', pathNot: `${tests}|^sdk/src/generate` },
      to: { path: '^schema/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'routes-never-import-a-repo',
      severity: 'error',
      from: { path: '/modules/[^/]+/routes\\.ts$' },
      to: { path: '/modules/[^/]+/repo' },
    },
    {
      name: 'a-module-is-reached-through-its-index',
      severity: 'error',
      from: { path: '^([^/]+)/src/modules/([^/]+)/', pathNot: tests },
      to: { path: '^$1/src/modules/([^/]+)/', pathNot: ['^$1/src/modules/$2/', '/index\\.ts$'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    doNotFollow: { path: 'node_modules|/dist/' },
    exclude: { path: '/dist/.*\\.test\\.' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'default'] },
  },
};
