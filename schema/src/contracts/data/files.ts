/** What a file can belong to. */
export const fileOwnerKinds = ['product', 'design', 'customer', 'quote', 'order', 'organization'] as const;
