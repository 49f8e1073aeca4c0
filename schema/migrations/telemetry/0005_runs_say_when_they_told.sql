ALTER TABLE "tel_job_runs" ADD COLUMN "told_at" timestamp (3) with time zone;
--> statement-breakpoint
ALTER TABLE "tel_job_runs" ADD COLUMN "next_stage_id" uuid;
--> statement-breakpoint
CREATE INDEX "tel_job_runs_created_idx" ON "tel_job_runs" USING btree ("tenant_id","organization_id","created_at","id");
--> statement-breakpoint
ALTER TABLE "tel_job_runs" DROP COLUMN "counted_value";
