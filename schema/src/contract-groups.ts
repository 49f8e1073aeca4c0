/** How documents head the contracts of one group: the name's part before its verb. */
export interface ContractGroup {
  readonly title: string;
  readonly description: string;
}

const group = (title: string, description: string): ContractGroup => ({ title, description });

const groups: Readonly<Record<string, ContractGroup>> = {
  auth: group(
    'Sign-in',
    'Signing in and out. The session lives in httpOnly cookies; machines exchange an API key for a token.',
  ),
  'auth.sessions': group('Sign-in: my sessions', 'Where I am signed in, and ending it.'),
  'auth.password': group('Sign-in: my password', 'Changing it. Every other session ends.'),
  'auth.passwordReset': group('Sign-in: forgotten password', 'A link by mail that serves once.'),
  'auth.email': group('Sign-in: my e-mail', 'A new address counts once it is confirmed.'),
  'auth.totp': group('Sign-in: my authenticator', 'Codes of an app as a second factor, with recovery codes.'),
  'auth.invitations': group('Sign-in: invitations', 'What an invited person does with the link from the mail.'),
  context: group('Context', 'The organization and workspace that the token stands for, and choosing another.'),
  menu: group('Menu', 'What an application shows this user, with what could be bought.'),
  access: group('Access', 'What I may do here, and which modules there are and why.'),
  keys: group('Signing keys', 'Public keys that verify tokens.'),
  'admin.users': group('Administration: users', 'People of the tenant.'),
  'admin.invitations': group('Administration: invitations', 'Ways in for people who are not here yet.'),
  'admin.roles': group('Administration: roles', 'Named sets of permissions.'),
  'admin.permissions': group('Administration: permissions', 'The catalogue that roles are made of.'),
  'admin.userRoles': group('Administration: role assignments', 'Who has which role, where and until when.'),
  'admin.permissionOverrides': group('Administration: overrides', 'Exceptions for one user, applied after all roles.'),
  'admin.access': group('Administration: access explained', 'Why somebody may or may not, and what a change would do.'),
  'admin.apiKeys': group('Administration: API keys', 'Keys of machines, bound to one role at one scope.'),
  'admin.organizations': group('Administration: organizations', 'Companies or branches of the tenant.'),
  'admin.organizationSettings': group('Administration: settings', 'What new documents of an organization begin with.'),
  'admin.workspaces': group('Administration: workspaces', 'Places within an organization, such as shops.'),
  'admin.domains': group('Administration: domains', 'Hosts of the tenant’s own, proven by a DNS record.'),
  'admin.stores': group('Administration: storefronts', 'Hosts that stand for one organization.'),
  'admin.auditEvents': group(
    'Administration: audit log',
    'Every change, with who made it; chained, so that gaps show.',
  ),
  'erp.categories': group('Catalogue: categories', 'The tree that products lie in.'),
  'erp.products': group('Catalogue: products', 'What is sold and decorated.'),
  'erp.variants': group('Catalogue: variants', 'Sizes and colours of a product, each with its SKU.'),
  'erp.productImages': group('Catalogue: pictures', 'What a product looks like.'),
  'erp.catalog': group('Catalogue: files', 'Import from and export to CSV, in the shape that suppliers publish.'),
  'erp.designs': group('Catalogue: designs', 'Artwork, with the hash of what is approved and printed.'),
  'erp.dn.connections': group('DecoNetwork: connections', 'Sites, what is read from and written to them, and when.'),
  'erp.dn.maps': group('DecoNetwork: maps', 'What a site’s records are here, and what waits for somebody to say.'),
  'erp.dn.importJobs': group(
    'DecoNetwork: imports',
    'What was read from a site and became of each record; tried again, or undone.',
  ),
  'erp.dn.sync': group('DecoNetwork: synchronization', 'Reading now what changed at a site.'),
  'erp.dn.calls': group('DecoNetwork: writes', 'What a site is told, kept before it is sent, with its answers.'),
  'erp.dn.drift': group('DecoNetwork: drift', 'How both sides differ.'),
  'erp.mockups': group('Mockups', 'Artwork on pictures of products, composed as a job.'),
  'erp.customers': group('Customers', 'Who buys.'),
  'erp.suppliers': group('Suppliers', 'Who is bought from.'),
  'erp.supplierVariants': group('Suppliers: what they deliver', 'Article numbers, costs and lead times.'),
  'erp.purchaseOrders': group(
    'Purchase orders',
    'Suggested, drafted, submitted, approved, received, held against their bills, closed.',
  ),
  'erp.purchaseReceipts': group('Purchase orders: deliveries', 'Counted into stock, whole or in parts.'),
  'erp.purchaseBills': group('Purchase orders: bills', 'What suppliers ask, as it came.'),
  'erp.pricing': group('Pricing', 'Prices of a basket, with a receipt that explains each.'),
  'erp.ruleSets': group('Pricing: price lists', 'Drafted, looked over for faults, published as versions for good.'),
  'erp.ruleSets.rules': group('Pricing: drafted rules', 'The rules of the next version, in their order.'),
  'erp.ruleSets.versions': group('Pricing: published versions', 'What prices were made by; never changed.'),
  'erp.repricing': group('Pricing: open quotes again', 'What another price list makes of open quotes, and why.'),
  'erp.taxRates': group('Tax rates', 'By class and first day.'),
  'erp.quotes': group('Quotes', 'Drafted, sent, accepted and made into orders.'),
  'erp.publicQuotes': group(
    'Quotes: for their customers',
    'What is behind the link of a sent quote, without signing in.',
  ),
  'erp.orders': group('Orders', 'What was sold.'),
  'erp.stock': group('Stock', 'What lies where, what is missing, and the proof that it is so.'),
  'erp.stock.locations': group('Stock: locations', 'Where stock lies, comes from and goes to.'),
  'erp.stock.moves': group('Stock: entries', 'The ledger, and moving stock from place to place.'),
  'erp.stock.adjustments': group('Stock: counts', 'What was counted, lost or found.'),
  'erp.production.stages': group('Production: stages', 'The columns of the board, from left to right.'),
  'erp.production.jobs': group('Production: jobs', 'The work on lines of orders: moved, approved, done, made again.'),
  'erp.production.board': group('Production: the board', 'Every open job in its stage, and how to follow it.'),
  'erp.files': group('Files', 'Artwork, documents and pictures, with thumbnails.'),
  'erp.exports': group('Exports', 'Lists as CSV and XLSX files, made as a job.'),
  'erp.jobs': group('Jobs', 'Work that goes on after its request: how far it is, what it made.'),
  'erp.orderPayments': group('Orders: payments', 'Payments and refunds as they were recorded.'),
  'telemetry.devices': group('Telemetry: devices', 'Machines and sensors, when they were last heard of.'),
  'telemetry.devices.credentials': group('Telemetry: credentials', 'What a device shows to send its readings.'),
  'telemetry.metrics': group('Telemetry: metrics', 'What is measured, in which unit and how often.'),
  'telemetry.readings': group('Telemetry: readings', 'What devices have measured, on its way in.'),
  'telemetry.series': group('Telemetry: series', 'What devices measured over a time, in steps.'),
  'telemetry.latest': group('Telemetry: latest', 'The last readings of a fleet.'),
  'telemetry.retention': group('Telemetry: retention', 'How long what was measured is kept.'),
  'telemetry.live': group('Telemetry: live', 'Readings as they come in.'),
  'telemetry.alertRules': group(
    'Telemetry: rules of alerts',
    'When a value or a silence is worth an alert; tried on what was.',
  ),
  'telemetry.alerts': group('Telemetry: alerts', 'Raised, acknowledged, resolved.'),
  'telemetry.jobRuns': group('Telemetry: jobs on machines', 'Whose pieces a counter counts, from when until when.'),
  'platform.auth': group('Platform sign-in', 'Administrators of the platform, with cookies of their own.'),
  'platform.auth.password': group('Platform sign-in: my password', 'Changing it. Every other session ends.'),
  'platform.auth.totp': group('Platform sign-in: my authenticator', 'Codes of an app as a second factor.'),
  'platform.tenants': group('Tenants', 'Created, suspended, taken back, deleted.'),
  'platform.tenantUsers': group('Tenants: users', 'People of a tenant, as the platform sees them.'),
  'platform.tenantDomains': group('Tenants: domains', 'Hosts of a tenant.'),
  'platform.tenantStores': group('Tenants: storefronts', 'Hosts that stand for one organization of a tenant.'),
  'platform.tenantProducts': group('Tenants: products', 'What a tenant has beyond its plan, or lacks.'),
  'platform.tenantModules': group('Tenants: modules', 'Grants and trials, with their ends.'),
  'platform.tenantLimits': group('Tenants: limits', 'Limits that differ from the plan’s.'),
  'platform.products': group('Products', 'What is sold.'),
  'platform.plans': group('Plans', 'What a tenant gets, and what a change would take.'),
  'platform.admins': group('Administrators', 'Who runs the platform, and in which role.'),
  'platform.serviceAccounts': group('Service accounts', 'Our own processes.'),
  'platform.signingKeys': group(
    'Signing keys of tokens',
    'Rotated without a pause, revoked everywhere within a minute.',
  ),
  'platform.auditEvents': group('Audit log', 'What administrators of the platform changed.'),
  'platform.dataPlanes': group('Data planes', 'Instances: last seen, position in the feed, keys held.'),
  'platform.databases': group('Databases', 'Keys, tenants on each, health.'),
};

/** `admin.users.list` → `admin.users`. */
export const groupOf = (contractName: string): string => contractName.slice(0, contractName.lastIndexOf('.'));

/** One that nobody has described yet goes by its name; a test asks for the description. */
export const describeGroup = (name: string): ContractGroup => groups[name] ?? { title: name, description: '' };

/** Each once, in the order of the table above. */
export function listGroups(names: readonly string[]): ContractGroup[] {
  const order = Object.keys(groups);
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...new Set(names)].sort((a, b) => rank(a) - rank(b)).map(describeGroup);
}
