CREATE INDEX "erp_products_code_prefix_idx" ON "erp_products" USING btree ("tenant_id","organization_id","code" text_pattern_ops,"id");
