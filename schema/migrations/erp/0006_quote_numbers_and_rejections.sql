ALTER TABLE "erp_quotes" ADD COLUMN "rejected_by" uuid;
--> statement-breakpoint
ALTER TABLE "erp_quotes" ADD COLUMN "rejected_name" text;
--> statement-breakpoint
CREATE INDEX "erp_quotes_number_prefix_idx" ON "erp_quotes" USING btree ("tenant_id","organization_id","number" text_pattern_ops) WHERE number is not null;
