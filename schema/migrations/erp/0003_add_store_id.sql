ALTER TABLE "erp_quotes" ADD COLUMN "store_id" uuid;
--> statement-breakpoint
ALTER TABLE "erp_orders" ADD COLUMN "store_id" uuid;
