/**
 * The names of advisory locks, whatever database they are taken in: two questions under one name would wait for each other.
 * What is locked is the name's hash. Releases that run side by side, and functions of migrations, know these names: none
 * of them changes.
 */
export const advisoryLocks = {
  sweeps: 'platen.sweeps',
  controlChanges: 'control_changes',
  signingKeys: 'platform_signing_keys',
  platformAdmins: 'platform admins',
  controlSeed: 'control seed',
  telemetryMaintenance: 'platen.telemetry maintenance',
  telemetrySeed: 'telemetry seed',
} as const;

/**
 * One for each tenant, organization or key, which follows the name. Idempotency keys and throttled subjects have no name:
 * theirs begin with the tenant's id.
 */
export const advisoryLocksOf = {
  letters: 'platen.letters ',
  userRoles: 'user-roles ',
  places: 'places ',
  categoryTree: 'erp_categories ',
  jobPlaces: 'erp.jobs ',
  rollups: 'platen.rollups ',
  alerts: 'telemetry.alerts ',
  organizationSeed: 'seed/',
} as const;

/** Those that a session holds, by number. */
export const advisoryLockNumbers = { migrations: '7305808869', sequencer: '7310575178453417842' } as const;
