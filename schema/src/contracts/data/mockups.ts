import { type Static, Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { closed, Id, literals } from '../shapes.js';
import { Job } from './job-shapes.js';

/** Where prints go, of a picture that shows the whole garment upright; `left` is the wearer's. */
export const mockupLocations = {
  front: { x: 0.5, y: 0.45, width: 0.4, height: 0.45 },
  back: { x: 0.5, y: 0.42, width: 0.42, height: 0.5 },
  'left-chest': { x: 0.61, y: 0.33, width: 0.14, height: 0.14 },
  'right-chest': { x: 0.39, y: 0.33, width: 0.14, height: 0.14 },
  'left-sleeve': { x: 0.86, y: 0.34, width: 0.1, height: 0.12 },
  'right-sleeve': { x: 0.14, y: 0.34, width: 0.1, height: 0.12 },
} as const;
export type MockupLocation = keyof typeof mockupLocations;
// The keys of an object of constants are its names.
const locations = Object.keys(mockupLocations) as MockupLocation[];

export const mockupBlends = ['normal', 'multiply'] as const;
/** Wide and high at most. */
export const largestMockupPixels = 4_096;
/** What mockups are made of, by media type: what the image library of the worker reads. */
export const mockupMediaTypes = [
  'image/png',
  'image/jpeg',
  'image/webp',
  'image/gif',
  'image/tiff',
  'image/svg+xml',
] as const;
export type MockupMediaType = (typeof mockupMediaTypes)[number];

const Fraction = Type.Number({ minimum: 0, maximum: 1 });
const Part = Type.Number({ minimum: 0.01, maximum: 1 });

const Placement = closed({
  /** What is not given is as of this place; `front` when absent. */
  location: Type.Optional(literals(locations)),
  /** The centre of the artwork, from the left edge of the picture (0) to the right (1). */
  x: Type.Optional(Fraction),
  /** From the top (0) to the bottom (1). */
  y: Type.Optional(Fraction),
  /** Of the box that the artwork is fitted into, as a part of the picture's width. */
  width: Type.Optional(Part),
  /** As a part of the picture's height. With a `width` of its own and no `height`: the whole picture's. */
  height: Type.Optional(Part),
  /** Clockwise, after it was fitted. */
  rotation_degrees: Type.Optional(Type.Number({ minimum: -360, maximum: 360 })),
});
export type MockupPlacement = Static<typeof Placement>;

export const mockups = contracts('erp.mockups', {
  create: {
    method: 'POST',
    path: '/api/erp/mockups',
    access: requires('erp.mockup.create'),
    consults: ['erp.design.read', 'erp.product.read'],
    summary: 'Compose the artwork of a design onto a picture of a product',
    description:
      'A job, whose result is a PNG. The artwork keeps its proportions and its transparency; it is scaled to fit into the box of the placement, turned about its centre, and cut off at the edges of the picture. A JPEG has no transparency: its white stays white, unless `blend` is `multiply`, which prints onto the colour of the garment as ink on light cloth does. Same files, same placement, same size: the job is done at once, its file is the earlier one, `cached` says so. Artwork and picture are PNG, JPEG, WebP, GIF, TIFF or SVG; others are refused with `file_type_unacceptable`.',
    body: closed({
      design_id: Id,
      product_id: Id,
      /** The product's first picture unless given. */
      image_id: Type.Optional(Id),
      placement: Type.Optional(Placement),
      blend: Type.Optional(literals(mockupBlends)),
      /** In pixels, 2048 unless given. A picture is never enlarged, an SVG is drawn at any size. */
      output_width: Type.Optional(Type.Integer({ minimum: 16, maximum: largestMockupPixels })),
    }),
    status: 201,
    response: Job,
    errors: ['unknown_reference', 'file_type_unacceptable', 'busy'],
  },
});
