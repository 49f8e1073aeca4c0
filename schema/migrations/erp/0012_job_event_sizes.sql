ALTER TABLE "erp_production_job_events" ADD COLUMN "sizes" jsonb;
