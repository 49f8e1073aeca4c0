import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { closed, Id, IdParams, page, pageQuery, partial, stamps, Version } from '../shapes.js';

const Alt = Type.String({ maxLength: 500, description: 'What the picture shows, for who cannot see it' });
const Position = Type.Integer({ minimum: 0, maximum: 1_000_000 });

export const ProductImage = closed({
  id: Id,
  product_id: Id,
  file_id: Id,
  alt: Alt,
  position: Position,
  version: Version,
  ...stamps,
});
const ImageParams = closed({ id: Id, image_id: Id });

export const productImages = contracts('erp.productImages', {
  list: {
    method: 'GET',
    path: '/api/erp/products/:id/images',
    access: requires('erp.product.read'),
    summary: 'List the pictures of a product in their order',
    params: IdParams,
    query: closed(pageQuery),
    status: 200,
    response: page(ProductImage),
    paged: true,
  },
  attach: {
    method: 'POST',
    path: '/api/erp/products/:id/images',
    access: requires('erp.product.write'),
    summary: 'Add an uploaded picture to a product',
    params: IdParams,
    body: closed({
      file_id: Id,
      alt: Type.Optional(Alt),
      position: Type.Optional({ ...Position, description: 'Behind the others unless given' }),
    }),
    status: 201,
    response: ProductImage,
    versioned: true,
    errors: ['unknown_reference', 'file_type_unacceptable'],
  },
  update: {
    method: 'PATCH',
    path: '/api/erp/products/:id/images/:image_id',
    access: requires('erp.product.write'),
    summary: 'Describe a picture of a product anew, or move it',
    params: ImageParams,
    body: partial({ alt: Alt, position: Position }),
    status: 200,
    response: ProductImage,
    versioned: true,
    errors: ['version_mismatch'],
  },
  reorder: {
    method: 'PUT',
    path: '/api/erp/products/:id/images/order',
    access: requires('erp.product.write'),
    summary: 'Put all pictures of a product in order',
    params: IdParams,
    body: closed({ image_ids: Type.Array(Id, { maxItems: 200, uniqueItems: true }) }),
    status: 204,
    errors: ['content_changed'],
  },
  remove: {
    method: 'DELETE',
    path: '/api/erp/products/:id/images/:image_id',
    access: requires('erp.product.write'),
    summary: 'Take a picture from a product; the file stays',
    params: ImageParams,
    status: 204,
  },
});
