// What is in which image: its entries, in the paths that the repository has them under once it is built. All else follows from
// what these import. Commands of a service are in the image of the service, which has their variables already.
import { existsSync, readdirSync } from 'node:fs';

const commandsOf = (folder) => (root) => {
  const place = `${folder}/dist/commands`;
  if (!existsSync(`${root}${place}`)) return [];
  return readdirSync(`${root}${place}`)
    .map((name) => `${place}/${name}/main.js`)
    .filter((entry) => existsSync(root + entry))
    .sort();
};

const service = (folder) => ({
  main: `${folder}/dist/main.js`,
  entries: (root) => [`${folder}/dist/main.js`, ...commandsOf(folder)(root)],
  scripts: ['healthcheck.mjs'],
});

export const images = {
  'control-plane': service('control-plane'),
  'data-plane': service('data-plane'),
  'erp-worker': service('workers/erp-worker'),
  'telemetry-worker': service('workers/telemetry-worker'),
  migrate: {
    main: 'prepare-databases.mjs',
    entries: () => ['control-plane/dist/migrate.js', 'data-plane/dist/migrate.js', 'control-plane/dist/seed.js'],
    scripts: ['prepare-databases.mjs'],
  },
};
