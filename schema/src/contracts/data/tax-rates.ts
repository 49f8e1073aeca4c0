import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import {
  CalendarDate,
  Code,
  closed,
  Id,
  IdParams,
  Name,
  page,
  pageQuery,
  partial,
  stamps,
  Version,
} from '../shapes.js';

const RatePercent = Type.String({ pattern: '^(100(\\.0{1,4})?|\\d{1,2}(\\.\\d{1,4})?)$', examples: ['19.0000'] });

export const TaxRate = closed({
  id: Id,
  tax_class: Code,
  name: Name,
  rate_percent: Type.String(),
  /** Until the day before the next rate of the class begins. */
  valid_from: CalendarDate,
  version: Version,
  ...stamps,
});
const fields = { tax_class: Code, name: Name, rate_percent: RatePercent, valid_from: CalendarDate };
const past =
  'What held on days gone by stays: a rate that began before today keeps its class, percent and first day, and none can be put before it took effect. Documents keep the tax that they were made with.';

export const taxRates = contracts('erp.taxRates', {
  list: {
    method: 'GET',
    path: '/api/erp/tax-rates',
    access: requires('erp.tax_rate.read'),
    summary: 'List tax rates, newest first',
    query: closed({ ...pageQuery, tax_class: Type.Optional(Code) }),
    status: 200,
    response: page(TaxRate),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/erp/tax-rates/:id',
    access: requires('erp.tax_rate.read'),
    summary: 'Get a tax rate',
    params: IdParams,
    status: 200,
    response: TaxRate,
    versioned: true,
  },
  create: {
    method: 'POST',
    path: '/api/erp/tax-rates',
    access: requires('erp.tax_rate.write'),
    summary: 'Create a tax rate',
    description: past,
    body: closed(fields),
    status: 201,
    response: TaxRate,
    versioned: true,
    errors: ['duplicate', 'in_use'],
  },
  update: {
    method: 'PATCH',
    path: '/api/erp/tax-rates/:id',
    access: requires('erp.tax_rate.write'),
    summary: 'Change a tax rate',
    description: past,
    params: IdParams,
    body: partial(fields),
    status: 200,
    response: TaxRate,
    versioned: true,
    errors: ['duplicate', 'in_use', 'version_mismatch'],
  },
  delete: {
    method: 'DELETE',
    path: '/api/erp/tax-rates/:id',
    access: requires('erp.tax_rate.write'),
    summary: 'Remove a tax rate that has not begun before today',
    params: IdParams,
    status: 204,
    errors: ['in_use'],
  },
});
