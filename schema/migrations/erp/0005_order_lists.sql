CREATE INDEX "erp_orders_payment_idx" ON "erp_orders" USING btree ("tenant_id","organization_id","payment_status","created_at","id");
--> statement-breakpoint
CREATE INDEX "erp_orders_due_idx" ON "erp_orders" USING btree ("tenant_id","organization_id","due_on","created_at","id") WHERE due_on is not null;
--> statement-breakpoint
CREATE INDEX "erp_orders_number_prefix_idx" ON "erp_orders" USING btree ("tenant_id","organization_id","number" text_pattern_ops) WHERE number is not null;
