ALTER TABLE "erp_files" DROP CONSTRAINT "erp_files_owner_kind_check";
--> statement-breakpoint
ALTER TABLE "erp_jobs" DROP CONSTRAINT "erp_jobs_progress_check";
--> statement-breakpoint
ALTER TABLE "erp_jobs" ADD COLUMN "failures" integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "erp_files" ADD CONSTRAINT "erp_files_owner_kind_check" CHECK ("owner_kind" in ('product', 'design', 'customer', 'quote', 'order', 'organization', 'job'));
--> statement-breakpoint
ALTER TABLE "erp_jobs" ADD CONSTRAINT "erp_jobs_progress_check" CHECK (progress >= 0 and attempts >= 0 and failures >= 0);
