ALTER TABLE "erp_product_variants" ADD COLUMN "search" "tsvector";
--> statement-breakpoint
CREATE INDEX "erp_products_status_idx" ON "erp_products" USING btree ("tenant_id","organization_id","status","id");
--> statement-breakpoint
CREATE INDEX "erp_products_brand_idx" ON "erp_products" USING btree ("tenant_id","organization_id","brand","id");
--> statement-breakpoint
CREATE INDEX "erp_product_variants_archived_idx" ON "erp_product_variants" USING btree ("tenant_id","organization_id","sku" text_pattern_ops) WHERE status = 'archived';
--> statement-breakpoint
CREATE INDEX "erp_product_variants_search_idx" ON "erp_product_variants" USING gin ("search");
--> statement-breakpoint
CREATE INDEX "erp_designs_code_prefix_idx" ON "erp_designs" USING btree ("tenant_id","organization_id","code" text_pattern_ops,"id");
--> statement-breakpoint
CREATE INDEX "erp_customers_group_idx" ON "erp_customers" USING btree ("tenant_id","organization_id","customer_group","id");
--> statement-breakpoint
CREATE INDEX "erp_customers_code_prefix_idx" ON "erp_customers" USING btree ("tenant_id","organization_id","code" text_pattern_ops,"id");
--> statement-breakpoint
CREATE INDEX "erp_suppliers_code_prefix_idx" ON "erp_suppliers" USING btree ("tenant_id","organization_id","code" text_pattern_ops,"id");
