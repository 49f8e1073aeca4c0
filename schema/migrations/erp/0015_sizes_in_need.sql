CREATE INDEX "erp_order_line_sizes_open_idx" ON "erp_order_line_sizes" USING btree ("tenant_id","organization_id","variant_id","id") WHERE open_quantity > 0;
