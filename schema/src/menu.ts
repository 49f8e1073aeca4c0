import type { ModuleCode } from './modules.js';
import type { PermissionCode } from './permissions.js';

/** An entry that leads somewhere. */
export interface MenuLink {
  readonly code: string;
  readonly label: string;
  /** A path of the front end. */
  readonly route: string;
  readonly icon: string;
  readonly module: ModuleCode;
  /** Absent: for everybody of a tenant that has the module. */
  readonly permission?: PermissionCode;
  /** To a tenant without the module it is shown as blocked: something to buy. Without it, left out. */
  readonly upsell?: true;
}

/** A heading is there while one of its links is. */
export interface MenuHeading {
  readonly code: string;
  readonly label: string;
  readonly icon: string;
  readonly links: readonly MenuLink[];
}

/** The menu, seeded into `res_menu_items` in this order. What each user sees of it is decided per request. */
export const menu: readonly (MenuLink | MenuHeading)[] = [
  {
    code: 'sales',
    label: 'Sales',
    icon: 'shopping-bag',
    links: [
      {
        code: 'sales.quotes',
        label: 'Quotes',
        route: '/quotes',
        icon: 'file-text',
        module: 'erp.quotes',
        permission: 'erp.quote.read',
        upsell: true,
      },
      {
        code: 'sales.orders',
        label: 'Orders',
        route: '/orders',
        icon: 'package',
        module: 'erp.orders',
        permission: 'erp.order.read',
        upsell: true,
      },
      {
        code: 'sales.customers',
        label: 'Customers',
        route: '/customers',
        icon: 'users',
        module: 'erp.customers',
        permission: 'erp.customer.read',
      },
    ],
  },
  {
    code: 'catalogue',
    label: 'Catalogue',
    route: '/catalogue',
    icon: 'tag',
    module: 'erp.catalog',
    permission: 'erp.product.read',
  },
  {
    code: 'files',
    label: 'Files',
    route: '/files',
    icon: 'folder',
    module: 'erp.files',
    permission: 'erp.file.read',
  },
  {
    code: 'jobs',
    label: 'Jobs',
    route: '/jobs',
    icon: 'activity',
    module: 'erp.jobs',
    permission: 'erp.job.read',
  },
  {
    code: 'designs',
    label: 'Designs',
    route: '/designs',
    icon: 'palette',
    module: 'erp.catalog',
    permission: 'erp.design.read',
  },
  {
    code: 'mockups',
    label: 'Mockups',
    route: '/mockups',
    icon: 'image',
    module: 'erp.mockups',
    permission: 'erp.mockup.create',
    upsell: true,
  },
  {
    code: 'deconetwork',
    label: 'DecoNetwork',
    route: '/deconetwork',
    icon: 'refresh-cw',
    module: 'erp.deconetwork',
    permission: 'erp.dn_connection.read',
    upsell: true,
  },
  {
    code: 'production',
    label: 'Production',
    icon: 'columns',
    links: [
      {
        code: 'production.board',
        label: 'Board',
        route: '/production/board',
        icon: 'columns',
        module: 'erp.production',
        permission: 'erp.production_job.read',
        upsell: true,
      },
      {
        code: 'production.stages',
        label: 'Stages',
        route: '/production/stages',
        icon: 'sliders',
        module: 'erp.production',
        permission: 'erp.production_stage.write',
      },
    ],
  },
  {
    code: 'machines',
    label: 'Machines',
    icon: 'activity',
    links: [
      {
        code: 'machines.devices',
        label: 'Devices',
        route: '/machines/devices',
        icon: 'cpu',
        module: 'telemetry.devices',
        permission: 'telemetry.device.read',
        upsell: true,
      },
      {
        code: 'machines.alerts',
        label: 'Alerts',
        route: '/machines/alerts',
        icon: 'bell',
        module: 'telemetry.alerts',
        permission: 'telemetry.alert.read',
        upsell: true,
      },
      {
        code: 'machines.alert-rules',
        label: 'Rules of alerts',
        route: '/machines/alert-rules',
        icon: 'bell-plus',
        module: 'telemetry.alerts',
        permission: 'telemetry.alert_rule.write',
        upsell: true,
      },
    ],
  },
  {
    code: 'stock',
    label: 'Stock',
    icon: 'archive',
    links: [
      {
        code: 'stock.levels',
        label: 'Levels',
        route: '/stock',
        icon: 'archive',
        module: 'erp.inventory',
        permission: 'erp.stock.read',
        upsell: true,
      },
      {
        code: 'stock.shortages',
        label: 'Shortages',
        route: '/stock/shortages',
        icon: 'alert-triangle',
        module: 'erp.inventory',
        permission: 'erp.stock.read',
      },
      {
        code: 'stock.locations',
        label: 'Locations',
        route: '/stock/locations',
        icon: 'map-pin',
        module: 'erp.inventory',
        permission: 'erp.stock_location.write',
      },
    ],
  },
  {
    code: 'purchasing',
    label: 'Purchasing',
    icon: 'truck',
    links: [
      {
        code: 'purchasing.orders',
        label: 'Purchase orders',
        route: '/purchase-orders',
        icon: 'clipboard-list',
        module: 'erp.purchasing',
        permission: 'erp.purchase_order.read',
        upsell: true,
      },
      {
        code: 'purchasing.suggestions',
        label: 'To buy',
        route: '/purchase-orders/suggestions',
        icon: 'shopping-cart',
        module: 'erp.purchasing',
        permission: 'erp.purchase_order.read',
      },
      {
        code: 'suppliers',
        label: 'Suppliers',
        route: '/suppliers',
        icon: 'truck',
        module: 'erp.purchasing',
        permission: 'erp.supplier.read',
        upsell: true,
      },
    ],
  },
  {
    code: 'pricing',
    label: 'Pricing',
    icon: 'calculator',
    links: [
      {
        code: 'pricing.calculator',
        label: 'Price a basket',
        route: '/pricing',
        icon: 'calculator',
        module: 'erp.pricing',
        permission: 'erp.price.compute',
        upsell: true,
      },
      {
        code: 'pricing.rule-sets',
        label: 'Price lists',
        route: '/pricing/rule-sets',
        icon: 'list',
        module: 'erp.pricing',
        permission: 'erp.pricing_rule_set.read',
      },
      {
        code: 'pricing.simulation',
        label: 'Simulation',
        route: '/pricing/simulation',
        icon: 'scale',
        module: 'erp.pricing',
        permission: 'erp.price.simulate',
      },
      {
        code: 'pricing.tax-rates',
        label: 'Tax rates',
        route: '/pricing/tax-rates',
        icon: 'percent',
        module: 'erp.pricing',
        permission: 'erp.tax_rate.read',
      },
    ],
  },
  {
    code: 'administration',
    label: 'Administration',
    icon: 'settings',
    links: [
      {
        code: 'administration.users',
        label: 'Users',
        route: '/admin/users',
        icon: 'user',
        module: 'platform.access',
        permission: 'admin.user.read',
      },
      {
        code: 'administration.roles',
        label: 'Roles',
        route: '/admin/roles',
        icon: 'shield',
        module: 'platform.access',
        permission: 'admin.role.read',
      },
      {
        code: 'administration.organizations',
        label: 'Organizations',
        route: '/admin/organizations',
        icon: 'building',
        module: 'platform.access',
        permission: 'admin.organization.read',
      },
      {
        code: 'administration.api-keys',
        label: 'API keys',
        route: '/admin/api-keys',
        icon: 'key',
        module: 'platform.api',
        permission: 'admin.api_key.read',
        upsell: true,
      },
      {
        code: 'administration.stores',
        label: 'Domains and stores',
        route: '/admin/stores',
        icon: 'globe',
        module: 'platform.stores',
        permission: 'admin.store.read',
        upsell: true,
      },
      {
        code: 'administration.audit',
        label: 'Audit log',
        route: '/admin/audit',
        icon: 'list-checks',
        module: 'platform.audit',
        permission: 'admin.audit_event.read',
        upsell: true,
      },
    ],
  },
];
