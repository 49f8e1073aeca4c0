// Generated from the contracts by `npm run generate -w @platen/sdk`.
export const dataRoutes = {
  erp: {
    categories: {
      list: 'GET /api/erp/categories p',
      get: 'GET /api/erp/categories/:id v',
      create: 'POST /api/erp/categories bkv',
      update: 'PATCH /api/erp/categories/:id bv',
    },
    products: {
      list: 'GET /api/erp/products p',
      get: 'GET /api/erp/products/:id v',
      create: 'POST /api/erp/products bkv',
      update: 'PATCH /api/erp/products/:id bv',
    },
    variants: {
      search: 'GET /api/erp/variants p',
      list: 'GET /api/erp/products/:id/variants p',
      create: 'POST /api/erp/products/:id/variants bkv',
      update: 'PATCH /api/erp/variants/:id bv',
    },
    customers: {
      list: 'GET /api/erp/customers p',
      get: 'GET /api/erp/customers/:id v',
      create: 'POST /api/erp/customers bkv',
      update: 'PATCH /api/erp/customers/:id bv',
    },
    pricing: {
      price: 'POST /api/erp/pricing/price b',
    },
    quotes: {
      list: 'GET /api/erp/quotes p',
      get: 'GET /api/erp/quotes/:id v',
      create: 'POST /api/erp/quotes bkv',
      update: 'PATCH /api/erp/quotes/:id bv',
      send: 'POST /api/erp/quotes/:id/send kv',
      accept: 'POST /api/erp/quotes/:id/accept kv',
      convert: 'POST /api/erp/quotes/:id/convert bkv',
    },
    orders: {
      list: 'GET /api/erp/orders p',
      get: 'GET /api/erp/orders/:id v',
      confirm: 'POST /api/erp/orders/:id/confirm kv',
    },
    orderPayments: {
      list: 'GET /api/erp/orders/:id/payments p',
      create: 'POST /api/erp/orders/:id/payments bk',
    },
  },
} as const;
