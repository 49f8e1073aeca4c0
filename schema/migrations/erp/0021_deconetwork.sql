CREATE TABLE "dn_connections" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"site_url" text NOT NULL,
	"credentials" text NOT NULL,
	"status" text DEFAULT 'untested' NOT NULL,
	"cursor" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"field_map" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"conflict_rule" text DEFAULT 'review' NOT NULL,
	"currency" char(3) NOT NULL,
	"kinds" jsonb DEFAULT '["order"]'::jsonb NOT NULL,
	"create_missing" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"write_back" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"sync_every_minutes" integer,
	"last_synced_at" timestamp (3) with time zone,
	"last_test" jsonb,
	"created_by" uuid NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "dn_connections_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "dn_connections_site_key" UNIQUE("tenant_id","organization_id","site_url"),
	CONSTRAINT "dn_connections_status_check" CHECK ("status" in ('untested', 'active', 'paused', 'rejected')),
	CONSTRAINT "dn_connections_conflict_rule_check" CHECK ("conflict_rule" in ('site', 'platen', 'review')),
	CONSTRAINT "dn_connections_every_check" CHECK (sync_every_minutes between 5 and 10080)
);

--> statement-breakpoint
CREATE TABLE "dn_maps" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"connection_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"dn_id" text NOT NULL,
	"state" text DEFAULT 'review' NOT NULL,
	"local_id" uuid,
	"local_code" text,
	"label" text NOT NULL,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"suggested_id" uuid,
	"suggested_by" text,
	"dn_hash" text,
	"dn_modified_at" timestamp (3) with time zone,
	"base" jsonb,
	"written" jsonb,
	"created_by_job_id" uuid,
	"mapped_by" uuid,
	"mapped_at" timestamp (3) with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "dn_maps_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "dn_maps_record_key" UNIQUE("tenant_id","organization_id","connection_id","kind","dn_id"),
	CONSTRAINT "dn_maps_kind_check" CHECK ("kind" in ('product', 'variant', 'customer', 'order', 'purchase_order', 'status')),
	CONSTRAINT "dn_maps_state_check" CHECK ("state" in ('review', 'mapped', 'ignored')),
	CONSTRAINT "dn_maps_suggested_by_check" CHECK ("suggested_by" in ('sku', 'code', 'email', 'name', 'number')),
	CONSTRAINT "dn_maps_mapped_check" CHECK ((state = 'mapped') = (local_id is not null or local_code is not null)),
	CONSTRAINT "dn_maps_status_check" CHECK ((kind = 'status') or local_code is null)
);

--> statement-breakpoint
CREATE TABLE "dn_import_jobs" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"connection_id" uuid NOT NULL,
	"task" text NOT NULL,
	"of_job_id" uuid,
	"dry_run" boolean DEFAULT false NOT NULL,
	"kinds" jsonb NOT NULL,
	"create_missing" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"modified_from" timestamp (3) with time zone,
	"modified_to" timestamp (3) with time zone,
	"unchanged" integer DEFAULT 0 NOT NULL,
	"last_step" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "dn_import_jobs_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "dn_import_jobs_task_check" CHECK ("task" in ('import', 'sync', 'retry', 'undo', 'compare'))
);

--> statement-breakpoint
CREATE TABLE "dn_import_job_rows" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"job_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"dn_id" text NOT NULL,
	"outcome" text NOT NULL,
	"map_id" uuid,
	"local_id" uuid,
	"local_version" integer,
	"before" jsonb,
	"after" jsonb,
	"loser" jsonb,
	"error" jsonb,
	"record" jsonb,
	"raw" text,
	"dn_modified_at" timestamp (3) with time zone,
	"settled_by_job_id" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "dn_import_job_rows_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "dn_import_job_rows_record_key" UNIQUE("tenant_id","organization_id","job_id","kind","dn_id"),
	CONSTRAINT "dn_import_job_rows_outcome_check" CHECK ("outcome" in ('created', 'updated', 'failed', 'review', 'undone', 'refused', 'differs', 'missing_here', 'missing_there'))
);

--> statement-breakpoint
CREATE TABLE "dn_calls" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"connection_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"map_id" uuid,
	"local_id" uuid,
	"request" jsonb NOT NULL,
	"response" jsonb,
	"error" jsonb,
	"attempts" integer DEFAULT 0 NOT NULL,
	"event_id" uuid,
	"sent_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "dn_calls_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "dn_calls_kind_check" CHECK ("kind" in ('status', 'inventory', 'receipt')),
	CONSTRAINT "dn_calls_state_check" CHECK ("state" in ('pending', 'sent', 'done', 'failed', 'dropped'))
);

--> statement-breakpoint
ALTER TABLE "erp_orders" ADD COLUMN "charges" numeric(18, 4) DEFAULT '0' NOT NULL;
--> statement-breakpoint
ALTER TABLE "erp_jobs" ADD COLUMN "exclusive_key" text;
--> statement-breakpoint
ALTER TABLE "dn_maps" ADD CONSTRAINT "dn_maps_connection_fkey" FOREIGN KEY ("tenant_id","organization_id","connection_id") REFERENCES "public"."dn_connections"("tenant_id","organization_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "dn_import_jobs" ADD CONSTRAINT "dn_import_jobs_job_fkey" FOREIGN KEY ("tenant_id","organization_id","id") REFERENCES "public"."erp_jobs"("tenant_id","organization_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "dn_import_jobs" ADD CONSTRAINT "dn_import_jobs_connection_fkey" FOREIGN KEY ("tenant_id","organization_id","connection_id") REFERENCES "public"."dn_connections"("tenant_id","organization_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "dn_import_job_rows" ADD CONSTRAINT "dn_import_job_rows_job_fkey" FOREIGN KEY ("tenant_id","organization_id","job_id") REFERENCES "public"."dn_import_jobs"("tenant_id","organization_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "dn_calls" ADD CONSTRAINT "dn_calls_connection_fkey" FOREIGN KEY ("tenant_id","organization_id","connection_id") REFERENCES "public"."dn_connections"("tenant_id","organization_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
CREATE UNIQUE INDEX "dn_maps_local_key" ON "dn_maps" USING btree ("tenant_id","organization_id","connection_id","kind","local_id") WHERE local_id is not null;
--> statement-breakpoint
CREATE INDEX "dn_maps_local_idx" ON "dn_maps" USING btree ("tenant_id","organization_id","local_id") WHERE local_id is not null;
--> statement-breakpoint
CREATE INDEX "dn_maps_review_idx" ON "dn_maps" USING btree ("tenant_id","organization_id","connection_id","kind","id") WHERE state = 'review';
--> statement-breakpoint
CREATE INDEX "dn_import_jobs_connection_idx" ON "dn_import_jobs" USING btree ("tenant_id","organization_id","connection_id","id");
--> statement-breakpoint
CREATE INDEX "dn_import_job_rows_trail_idx" ON "dn_import_job_rows" USING btree ("tenant_id","organization_id","map_id","id") WHERE map_id is not null;
--> statement-breakpoint
CREATE UNIQUE INDEX "dn_calls_event_key" ON "dn_calls" USING btree ("tenant_id","organization_id","connection_id","event_id","local_id") WHERE event_id is not null;
--> statement-breakpoint
CREATE INDEX "dn_calls_open_idx" ON "dn_calls" USING btree ("tenant_id","organization_id","connection_id","id") WHERE state in ('pending', 'sent');
--> statement-breakpoint
CREATE INDEX "dn_calls_connection_idx" ON "dn_calls" USING btree ("tenant_id","organization_id","connection_id","created_at","id");
--> statement-breakpoint
CREATE INDEX "dn_calls_map_idx" ON "dn_calls" USING btree ("tenant_id","organization_id","map_id","id") WHERE map_id is not null;
--> statement-breakpoint
CREATE UNIQUE INDEX "erp_jobs_exclusive_key" ON "erp_jobs" USING btree ("tenant_id","organization_id","exclusive_key") WHERE status = 'running' and exclusive_key is not null;
--> statement-breakpoint
alter table "dn_connections" enable row level security;
alter table "dn_connections" force row level security;
create policy "platen_app_all" on "dn_connections" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "dn_connections" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on "dn_connections" to platen_app;
grant delete on "dn_connections" to platen_system;
create statistics "dn_connections_owner" (dependencies) on tenant_id, organization_id from "dn_connections";
--> statement-breakpoint
alter table "dn_maps" enable row level security;
alter table "dn_maps" force row level security;
create policy "platen_app_all" on "dn_maps" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "dn_maps" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on "dn_maps" to platen_app;
grant delete on "dn_maps" to platen_system;
create statistics "dn_maps_owner" (dependencies) on tenant_id, organization_id from "dn_maps";
--> statement-breakpoint
alter table "dn_import_jobs" enable row level security;
alter table "dn_import_jobs" force row level security;
create policy "platen_app_select" on "dn_import_jobs" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "dn_import_jobs" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "dn_import_jobs" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "dn_import_jobs" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "dn_import_jobs" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on "dn_import_jobs" to platen_app;
grant delete on "dn_import_jobs" to platen_system;
create statistics "dn_import_jobs_owner" (dependencies) on tenant_id, organization_id from "dn_import_jobs";
--> statement-breakpoint
alter table "dn_import_job_rows" enable row level security;
alter table "dn_import_job_rows" force row level security;
create policy "platen_app_select" on "dn_import_job_rows" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "dn_import_job_rows" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "dn_import_job_rows" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "dn_import_job_rows" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "dn_import_job_rows" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on "dn_import_job_rows" to platen_app;
grant delete on "dn_import_job_rows" to platen_system;
create statistics "dn_import_job_rows_owner" (dependencies) on tenant_id, organization_id from "dn_import_job_rows";
--> statement-breakpoint
alter table "dn_calls" enable row level security;
alter table "dn_calls" force row level security;
create policy "platen_app_select" on "dn_calls" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "dn_calls" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "dn_calls" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "dn_calls" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "dn_calls" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on "dn_calls" to platen_app;
grant delete on "dn_calls" to platen_system;
create statistics "dn_calls_owner" (dependencies) on tenant_id, organization_id from "dn_calls";
