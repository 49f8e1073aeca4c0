CREATE TABLE "erp_production_job_runs" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"job_id" uuid NOT NULL,
	"device_id" uuid NOT NULL,
	"device_name" text NOT NULL,
	"stage_id" uuid NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"pieces" numeric(18, 4) DEFAULT '0' NOT NULL,
	"recorded" numeric(18, 4) DEFAULT '0' NOT NULL,
	"cycle_seconds" numeric(18, 4),
	"counted_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_production_job_runs_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_production_job_runs_end_check" CHECK (ended_at >= started_at),
	CONSTRAINT "erp_production_job_runs_pieces_check" CHECK (recorded >= 0 and recorded <= pieces),
	CONSTRAINT "erp_production_job_runs_cycle_check" CHECK (cycle_seconds > 0)
);

--> statement-breakpoint
ALTER TABLE "erp_production_job_events" DROP CONSTRAINT "erp_production_job_events_kind_check";
--> statement-breakpoint
ALTER TABLE "erp_production_jobs" ADD COLUMN "device_id" uuid;
--> statement-breakpoint
ALTER TABLE "erp_production_jobs" ADD COLUMN "device_name" text;
--> statement-breakpoint
ALTER TABLE "erp_production_jobs" ADD COLUMN "cycle_seconds" numeric(18, 4);
--> statement-breakpoint
ALTER TABLE "erp_production_jobs" ADD COLUMN "expected_end_at" timestamp (3) with time zone;
--> statement-breakpoint
ALTER TABLE "erp_production_jobs" ADD COLUMN "quoted_minutes" numeric(18, 4);
--> statement-breakpoint
ALTER TABLE "erp_production_job_runs" ADD CONSTRAINT "erp_production_job_runs_job_fkey" FOREIGN KEY ("tenant_id","organization_id","job_id") REFERENCES "public"."erp_production_jobs"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "erp_production_job_runs_job_idx" ON "erp_production_job_runs" USING btree ("tenant_id","organization_id","job_id","id");
--> statement-breakpoint
ALTER TABLE "erp_production_jobs" ADD CONSTRAINT "erp_production_jobs_device_check" CHECK ((device_id is null) = (device_name is null));
--> statement-breakpoint
ALTER TABLE "erp_production_jobs" ADD CONSTRAINT "erp_production_jobs_cycle_check" CHECK (cycle_seconds > 0);
--> statement-breakpoint
ALTER TABLE "erp_production_jobs" ADD CONSTRAINT "erp_production_jobs_quoted_check" CHECK (quoted_minutes > 0);
--> statement-breakpoint
ALTER TABLE "erp_production_job_events" ADD CONSTRAINT "erp_production_job_events_kind_check" CHECK ("kind" in ('created', 'changed', 'moved', 'artwork_approved', 'pieces_done', 'pieces_scrapped', 'machine_started', 'machine_ended', 'reprint_made', 'done', 'cancelled'));
--> statement-breakpoint
alter table "erp_production_job_runs" enable row level security;
alter table "erp_production_job_runs" force row level security;
create policy "platen_app_select" on "erp_production_job_runs" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "erp_production_job_runs" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "erp_production_job_runs" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "erp_production_job_runs" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "erp_production_job_runs" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update on "erp_production_job_runs" to platen_app;
grant delete on "erp_production_job_runs" to platen_system;
create statistics "erp_production_job_runs_owner" (dependencies) on tenant_id, organization_id from "erp_production_job_runs";
