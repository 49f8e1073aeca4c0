CREATE TABLE "erp_jobs" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"status" text DEFAULT 'queued' NOT NULL,
	"title" text NOT NULL,
	"requested_by" uuid,
	"requested_by_event" uuid,
	"payload" jsonb NOT NULL,
	"content_hash" text,
	"progress" integer DEFAULT 0 NOT NULL,
	"progress_total" integer,
	"cursor" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"run_after" timestamp (3) with time zone NOT NULL,
	"lease_owner" uuid,
	"lease_until" timestamp (3) with time zone,
	"cancel_requested_at" timestamp (3) with time zone,
	"result" jsonb,
	"error" jsonb,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone,
	"correlation_id" text NOT NULL,
	"traceparent" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_jobs_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_jobs_kind_check" CHECK ("kind" in ('export', 'mockup', 'repricing', 'dn_sync', 'email')),
	CONSTRAINT "erp_jobs_status_check" CHECK ("status" in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
	CONSTRAINT "erp_jobs_progress_check" CHECK (progress >= 0 and attempts >= 0),
	CONSTRAINT "erp_jobs_lease_check" CHECK ((lease_owner is not null) = (status = 'running')),
	CONSTRAINT "erp_jobs_finished_check" CHECK ((finished_at is not null) = (status in ('succeeded', 'failed', 'cancelled')))
);

--> statement-breakpoint
CREATE TABLE "erp_job_parts" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"job_id" uuid NOT NULL,
	"part" integer NOT NULL,
	"storage_key" text NOT NULL,
	"byte_size" bigint NOT NULL,
	"row_count" integer NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_job_parts_pkey" PRIMARY KEY("tenant_id","organization_id","job_id","part"),
	CONSTRAINT "erp_job_parts_storage_key" UNIQUE("tenant_id","organization_id","storage_key"),
	CONSTRAINT "erp_job_parts_part_check" CHECK (part >= 0 and byte_size >= 0 and row_count >= 0)
);

--> statement-breakpoint
CREATE TABLE "erp_repricing_rows" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"job_id" uuid NOT NULL,
	"quote_id" uuid NOT NULL,
	"outcome" text NOT NULL,
	"quote_version" integer NOT NULL,
	"currency" char(3) NOT NULL,
	"old_total" numeric(18, 4) NOT NULL,
	"new_total" numeric(18, 4),
	"reasons" jsonb NOT NULL,
	"error" jsonb,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_repricing_rows_pkey" PRIMARY KEY("tenant_id","organization_id","job_id","quote_id"),
	CONSTRAINT "erp_repricing_rows_outcome_check" CHECK ("outcome" in ('unchanged', 'differs', 'repriced', 'failed'))
);

--> statement-breakpoint
CREATE TABLE "due_work" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"organization_id" uuid,
	"workspace_id" uuid,
	"kind" text NOT NULL,
	"ref_id" uuid NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"lease_until" timestamp (3) with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "due_work_pkey" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "due_work_ref_key" UNIQUE("tenant_id","kind","ref_id")
);

--> statement-breakpoint
ALTER TABLE "outbox_dead_letters" ADD COLUMN "topic" text;
--> statement-breakpoint
ALTER TABLE "outbox_dead_letters" ADD COLUMN "key" text;
--> statement-breakpoint
ALTER TABLE "outbox_dead_letters" ADD COLUMN "position" bigint;
--> statement-breakpoint
-- Forced row-level security holds for the owner too, who would find no letter to fill in.
alter table "outbox_dead_letters" no force row level security;
alter table "outbox_events" no force row level security;
update "outbox_dead_letters" letter set topic = event.topic, key = event.key, position = event.position
from "outbox_events" event where event.tenant_id = letter.tenant_id and event.id = letter.event_id;
delete from "outbox_dead_letters" where position is null;
alter table "outbox_events" force row level security;
alter table "outbox_dead_letters" force row level security;
alter table "outbox_dead_letters" alter column topic set not null, alter column key set not null, alter column position set not null;
--> statement-breakpoint
ALTER TABLE "outbox_dead_letters" ADD COLUMN "retry_at" timestamp (3) with time zone;
--> statement-breakpoint
ALTER TABLE "outbox_dead_letters" ADD COLUMN "owner" uuid;
--> statement-breakpoint
ALTER TABLE "outbox_dead_letters" ADD COLUMN "lease_until" timestamp (3) with time zone;
--> statement-breakpoint
ALTER TABLE "erp_job_parts" ADD CONSTRAINT "erp_job_parts_job_fkey" FOREIGN KEY ("tenant_id","organization_id","job_id") REFERENCES "public"."erp_jobs"("tenant_id","organization_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_repricing_rows" ADD CONSTRAINT "erp_repricing_rows_job_fkey" FOREIGN KEY ("tenant_id","organization_id","job_id") REFERENCES "public"."erp_jobs"("tenant_id","organization_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_repricing_rows" ADD CONSTRAINT "erp_repricing_rows_quote_fkey" FOREIGN KEY ("tenant_id","organization_id","quote_id") REFERENCES "public"."erp_quotes"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE UNIQUE INDEX "erp_jobs_event_key" ON "erp_jobs" USING btree ("tenant_id","organization_id","requested_by_event","kind") WHERE requested_by_event is not null;
--> statement-breakpoint
CREATE INDEX "erp_jobs_created_idx" ON "erp_jobs" USING btree ("tenant_id","organization_id","created_at","id");
--> statement-breakpoint
CREATE INDEX "erp_jobs_open_idx" ON "erp_jobs" USING btree ("tenant_id","organization_id","run_after","id") WHERE finished_at is null;
--> statement-breakpoint
CREATE INDEX "erp_jobs_content_idx" ON "erp_jobs" USING btree ("tenant_id","organization_id","kind","content_hash") WHERE content_hash is not null;
--> statement-breakpoint
CREATE INDEX "due_work_due_at_idx" ON "due_work" USING btree ("due_at");
--> statement-breakpoint
CREATE INDEX "outbox_dead_letters_key_idx" ON "outbox_dead_letters" USING btree ("consumer","topic","key","position");
--> statement-breakpoint
CREATE INDEX "outbox_dead_letters_retry_idx" ON "outbox_dead_letters" USING btree ("consumer","retry_at") WHERE retry_at is not null;
--> statement-breakpoint
alter table "erp_jobs" enable row level security;
alter table "erp_jobs" force row level security;
create policy "platen_app_select" on "erp_jobs" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "erp_jobs" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "erp_jobs" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "erp_jobs" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "erp_jobs" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on "erp_jobs" to platen_app;
grant delete on "erp_jobs" to platen_system;
create statistics "erp_jobs_owner" (dependencies) on tenant_id, organization_id from "erp_jobs";
--> statement-breakpoint
alter table "erp_job_parts" enable row level security;
alter table "erp_job_parts" force row level security;
create policy "platen_app_select" on "erp_job_parts" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "erp_job_parts" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "erp_job_parts" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "erp_job_parts" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "erp_job_parts" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on "erp_job_parts" to platen_app;
grant delete on "erp_job_parts" to platen_system;
create statistics "erp_job_parts_owner" (dependencies) on tenant_id, organization_id from "erp_job_parts";
--> statement-breakpoint
alter table "erp_repricing_rows" enable row level security;
alter table "erp_repricing_rows" force row level security;
create policy "platen_app_select" on "erp_repricing_rows" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "erp_repricing_rows" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "erp_repricing_rows" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "erp_repricing_rows" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "erp_repricing_rows" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on "erp_repricing_rows" to platen_app;
grant delete on "erp_repricing_rows" to platen_system;
create statistics "erp_repricing_rows_owner" (dependencies) on tenant_id, organization_id from "erp_repricing_rows";
--> statement-breakpoint
alter table "due_work" enable row level security;
alter table "due_work" force row level security;
create policy "platen_app_all" on "due_work" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "platen_system_all" on "due_work" for all to platen_system
  using (true)
  with check (true);
grant select, insert, update, delete on "due_work" to platen_app;
grant select, update, delete on "due_work" to platen_system;
