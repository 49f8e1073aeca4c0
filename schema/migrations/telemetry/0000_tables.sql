CREATE TABLE "tel_devices" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"device_no" integer NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"last_seen_at" timestamp (3) with time zone,
	"clock_skew_ms" integer,
	"attributes" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tel_devices_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "tel_devices_code_key" UNIQUE("tenant_id","organization_id","code"),
	CONSTRAINT "tel_devices_no_key" UNIQUE("tenant_id","device_no"),
	CONSTRAINT "tel_devices_kind_check" CHECK ("kind" in ('press', 'embroidery', 'dryer', 'cutter', 'printer', 'sensor', 'other')),
	CONSTRAINT "tel_devices_status_check" CHECK ("status" in ('active', 'disabled')),
	CONSTRAINT "tel_devices_no_check" CHECK (device_no > 0)
);

--> statement-breakpoint
CREATE TABLE "tel_device_credentials" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"device_id" uuid NOT NULL,
	"prefix" text NOT NULL,
	"secret_hash" text NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"last_used_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tel_device_credentials_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "tel_device_credentials_prefix_key" UNIQUE("tenant_id","organization_id","prefix")
);

--> statement-breakpoint
CREATE TABLE "tel_metrics" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"unit" text,
	"kind" text NOT NULL,
	"metric_no" integer NOT NULL,
	"expected_interval_ms" integer,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tel_metrics_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "tel_metrics_code_key" UNIQUE("tenant_id","organization_id","code"),
	CONSTRAINT "tel_metrics_no_key" UNIQUE("tenant_id","metric_no"),
	CONSTRAINT "tel_metrics_kind_check" CHECK ("kind" in ('gauge', 'counter', 'state')),
	CONSTRAINT "tel_metrics_no_check" CHECK (metric_no > 0),
	CONSTRAINT "tel_metrics_interval_check" CHECK (expected_interval_ms > 0)
);

--> statement-breakpoint
CREATE TABLE "tel_readings" (
	"tenant_id" uuid NOT NULL,
	"device_no" integer NOT NULL,
	"metric_no" integer NOT NULL,
	"ts" timestamp (3) with time zone NOT NULL,
	"value" double precision NOT NULL,
	CONSTRAINT "tel_readings_pkey" PRIMARY KEY("tenant_id","device_no","metric_no","ts")
);

--> statement-breakpoint
CREATE TABLE "tel_latest" (
	"tenant_id" uuid NOT NULL,
	"device_no" integer NOT NULL,
	"metric_no" integer NOT NULL,
	"ts" timestamp (3) with time zone NOT NULL,
	"value" double precision NOT NULL,
	"arrived_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "tel_latest_pkey" PRIMARY KEY("tenant_id","device_no","metric_no")
);

--> statement-breakpoint
CREATE TABLE "tel_readings_1m" (
	"tenant_id" uuid NOT NULL,
	"device_no" integer NOT NULL,
	"metric_no" integer NOT NULL,
	"bucket" timestamp (3) with time zone NOT NULL,
	"count" integer NOT NULL,
	"sum" double precision NOT NULL,
	"min" double precision NOT NULL,
	"max" double precision NOT NULL,
	"first" double precision NOT NULL,
	"last" double precision NOT NULL,
	"first_ts" timestamp (3) with time zone NOT NULL,
	"last_ts" timestamp (3) with time zone NOT NULL,
	"increase" double precision NOT NULL,
	"arrived_at" timestamp (3) with time zone NOT NULL,
	"recomputes" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "tel_readings_1m_pkey" PRIMARY KEY("tenant_id","device_no","metric_no","bucket")
);

--> statement-breakpoint
CREATE TABLE "tel_readings_1h" (
	"tenant_id" uuid NOT NULL,
	"device_no" integer NOT NULL,
	"metric_no" integer NOT NULL,
	"bucket" timestamp (3) with time zone NOT NULL,
	"count" integer NOT NULL,
	"sum" double precision NOT NULL,
	"min" double precision NOT NULL,
	"max" double precision NOT NULL,
	"first" double precision NOT NULL,
	"last" double precision NOT NULL,
	"first_ts" timestamp (3) with time zone NOT NULL,
	"last_ts" timestamp (3) with time zone NOT NULL,
	"increase" double precision NOT NULL,
	"arrived_at" timestamp (3) with time zone NOT NULL,
	"recomputes" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "tel_readings_1h_pkey" PRIMARY KEY("tenant_id","device_no","metric_no","bucket")
);

--> statement-breakpoint
CREATE TABLE "tel_readings_1d" (
	"tenant_id" uuid NOT NULL,
	"device_no" integer NOT NULL,
	"metric_no" integer NOT NULL,
	"bucket" timestamp (3) with time zone NOT NULL,
	"count" integer NOT NULL,
	"sum" double precision NOT NULL,
	"min" double precision NOT NULL,
	"max" double precision NOT NULL,
	"first" double precision NOT NULL,
	"last" double precision NOT NULL,
	"first_ts" timestamp (3) with time zone NOT NULL,
	"last_ts" timestamp (3) with time zone NOT NULL,
	"increase" double precision NOT NULL,
	"arrived_at" timestamp (3) with time zone NOT NULL,
	"recomputes" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "tel_readings_1d_pkey" PRIMARY KEY("tenant_id","device_no","metric_no","bucket")
);

--> statement-breakpoint
CREATE TABLE "tel_dirty_buckets" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"device_no" integer NOT NULL,
	"metric_no" integer NOT NULL,
	"first_ts" timestamp (3) with time zone NOT NULL,
	"last_ts" timestamp (3) with time zone NOT NULL,
	"arrived_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "tel_dirty_buckets_pkey" PRIMARY KEY("tenant_id","id")
);

--> statement-breakpoint
CREATE TABLE "tel_retention_policies" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"raw_days" integer NOT NULL,
	"rollup_days" integer NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tel_retention_policies_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "tel_retention_policies_owner_key" UNIQUE("tenant_id","organization_id"),
	CONSTRAINT "tel_retention_policies_raw_check" CHECK (raw_days between 2 and 3660),
	CONSTRAINT "tel_retention_policies_rollup_check" CHECK (rollup_days between raw_days and 3660)
);

--> statement-breakpoint
CREATE TABLE "tel_alert_rules" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"metric_id" uuid NOT NULL,
	"device_id" uuid,
	"condition" text NOT NULL,
	"threshold" double precision,
	"clear_threshold" double precision,
	"duration_seconds" integer DEFAULT 0 NOT NULL,
	"severity" text DEFAULT 'warning' NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tel_alert_rules_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "tel_alert_rules_code_key" UNIQUE("tenant_id","organization_id","code"),
	CONSTRAINT "tel_alert_rules_condition_check" CHECK ("condition" in ('above', 'below', 'no_data')),
	CONSTRAINT "tel_alert_rules_severity_check" CHECK ("severity" in ('info', 'warning', 'critical')),
	CONSTRAINT "tel_alert_rules_threshold_check" CHECK ((threshold is null) = (condition = 'no_data')),
	CONSTRAINT "tel_alert_rules_clear_check" CHECK (clear_threshold is null or condition = 'above' and clear_threshold <= threshold or condition = 'below' and clear_threshold >= threshold),
	CONSTRAINT "tel_alert_rules_duration_check" CHECK (duration_seconds >= 0 and (condition <> 'no_data' or duration_seconds > 0))
);

--> statement-breakpoint
CREATE TABLE "tel_alert_states" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"rule_id" uuid NOT NULL,
	"device_id" uuid NOT NULL,
	"phase" text DEFAULT 'clear' NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"looked_until" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tel_alert_states_pkey" PRIMARY KEY("tenant_id","organization_id","rule_id","device_id"),
	CONSTRAINT "tel_alert_states_phase_check" CHECK ("phase" in ('clear', 'pending', 'raised'))
);

--> statement-breakpoint
CREATE TABLE "tel_alerts" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"rule_id" uuid NOT NULL,
	"device_id" uuid NOT NULL,
	"status" text DEFAULT 'open' NOT NULL,
	"severity" text NOT NULL,
	"raised_at" timestamp (3) with time zone NOT NULL,
	"value" double precision,
	"acknowledged_at" timestamp (3) with time zone,
	"acknowledged_by" uuid,
	"note" text,
	"resolved_at" timestamp (3) with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tel_alerts_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "tel_alerts_status_check" CHECK ("status" in ('open', 'acknowledged', 'resolved')),
	CONSTRAINT "tel_alerts_severity_check" CHECK ("severity" in ('info', 'warning', 'critical')),
	CONSTRAINT "tel_alerts_resolved_check" CHECK ((resolved_at is null) = (status <> 'resolved'))
);

--> statement-breakpoint
CREATE TABLE "tel_job_runs" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"device_id" uuid NOT NULL,
	"metric_id" uuid NOT NULL,
	"job_id" uuid NOT NULL,
	"job_number" text NOT NULL,
	"pieces_per_count" double precision DEFAULT 1 NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"counted_until" timestamp (3) with time zone,
	"counted_value" double precision,
	"counted" double precision DEFAULT 0 NOT NULL,
	"told_pieces" numeric(18, 4) DEFAULT '0' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tel_job_runs_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "tel_job_runs_end_check" CHECK (ended_at >= started_at),
	CONSTRAINT "tel_job_runs_pieces_check" CHECK (pieces_per_count > 0)
);

--> statement-breakpoint
CREATE TABLE "tel_numbers" (
	"tenant_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"last_no" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tel_numbers_pkey" PRIMARY KEY("tenant_id","kind"),
	CONSTRAINT "tel_numbers_kind_check" CHECK ("kind" in ('device', 'metric'))
);

--> statement-breakpoint
CREATE TABLE "outbox_events" (
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "outbox_events_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"position" bigint,
	"topic" text NOT NULL,
	"key" text NOT NULL,
	"organization_id" uuid,
	"workspace_id" uuid,
	"type" text NOT NULL,
	"payload" jsonb NOT NULL,
	"correlation_id" text NOT NULL,
	"traceparent" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "outbox_events_pkey" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "outbox_events_position_key" UNIQUE("position")
);

--> statement-breakpoint
CREATE TABLE "outbox_positions" (
	"consumer" text NOT NULL,
	"topic" text NOT NULL,
	"position" bigint DEFAULT 0 NOT NULL,
	"owner" uuid,
	"lease_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "outbox_positions_pkey" PRIMARY KEY("consumer","topic")
);

--> statement-breakpoint
CREATE TABLE "outbox_dead_letters" (
	"tenant_id" uuid NOT NULL,
	"consumer" text NOT NULL,
	"event_id" uuid NOT NULL,
	"topic" text NOT NULL,
	"key" text NOT NULL,
	"position" bigint NOT NULL,
	"attempts" integer NOT NULL,
	"error" text NOT NULL,
	"parked_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"retry_at" timestamp (3) with time zone,
	"owner" uuid,
	"lease_until" timestamp (3) with time zone,
	CONSTRAINT "outbox_dead_letters_pkey" PRIMARY KEY("tenant_id","consumer","event_id")
);

--> statement-breakpoint
CREATE TABLE "inbox_events" (
	"tenant_id" uuid NOT NULL,
	"consumer" text NOT NULL,
	"event_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "inbox_events_pkey" PRIMARY KEY("tenant_id","consumer","event_id")
);

--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"tenant_id" uuid NOT NULL,
	"principal_id" uuid NOT NULL,
	"route" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"status" integer NOT NULL,
	"response" text,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY("tenant_id","principal_id","route","key")
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
CREATE TABLE "usage_counters" (
	"tenant_id" uuid NOT NULL,
	"limit_code" text NOT NULL,
	"period" text NOT NULL,
	"used" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "usage_counters_pkey" PRIMARY KEY("tenant_id","limit_code","period"),
	CONSTRAINT "usage_counters_limit_code_check" CHECK ("limit_code" in ('users', 'devices', 'requests_per_minute', 'storage_bytes', 'points_per_day'))
);

--> statement-breakpoint
ALTER TABLE "tel_device_credentials" ADD CONSTRAINT "tel_device_credentials_device_fkey" FOREIGN KEY ("tenant_id","organization_id","device_id") REFERENCES "public"."tel_devices"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "tel_alert_rules" ADD CONSTRAINT "tel_alert_rules_metric_fkey" FOREIGN KEY ("tenant_id","organization_id","metric_id") REFERENCES "public"."tel_metrics"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "tel_alert_rules" ADD CONSTRAINT "tel_alert_rules_device_fkey" FOREIGN KEY ("tenant_id","organization_id","device_id") REFERENCES "public"."tel_devices"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "tel_alert_states" ADD CONSTRAINT "tel_alert_states_rule_fkey" FOREIGN KEY ("tenant_id","organization_id","rule_id") REFERENCES "public"."tel_alert_rules"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "tel_alert_states" ADD CONSTRAINT "tel_alert_states_device_fkey" FOREIGN KEY ("tenant_id","organization_id","device_id") REFERENCES "public"."tel_devices"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "tel_alerts" ADD CONSTRAINT "tel_alerts_rule_fkey" FOREIGN KEY ("tenant_id","organization_id","rule_id") REFERENCES "public"."tel_alert_rules"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "tel_alerts" ADD CONSTRAINT "tel_alerts_device_fkey" FOREIGN KEY ("tenant_id","organization_id","device_id") REFERENCES "public"."tel_devices"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "tel_job_runs" ADD CONSTRAINT "tel_job_runs_device_fkey" FOREIGN KEY ("tenant_id","organization_id","device_id") REFERENCES "public"."tel_devices"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "tel_job_runs" ADD CONSTRAINT "tel_job_runs_metric_fkey" FOREIGN KEY ("tenant_id","organization_id","metric_id") REFERENCES "public"."tel_metrics"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "tel_dirty_buckets_arrived_idx" ON "tel_dirty_buckets" USING btree ("tenant_id","arrived_at");
--> statement-breakpoint
CREATE UNIQUE INDEX "tel_alerts_unresolved_idx" ON "tel_alerts" USING btree ("tenant_id","organization_id","rule_id","device_id") WHERE status <> 'resolved';
--> statement-breakpoint
CREATE INDEX "tel_alerts_raised_idx" ON "tel_alerts" USING btree ("tenant_id","organization_id","raised_at","id");
--> statement-breakpoint
CREATE UNIQUE INDEX "tel_job_runs_open_idx" ON "tel_job_runs" USING btree ("tenant_id","organization_id","device_id") WHERE ended_at is null;
--> statement-breakpoint
CREATE INDEX "outbox_events_topic_position_idx" ON "outbox_events" USING btree ("topic","position");
--> statement-breakpoint
CREATE INDEX "outbox_events_tenant_position_idx" ON "outbox_events" USING btree ("tenant_id","position") WHERE position is not null;
--> statement-breakpoint
CREATE INDEX "outbox_events_unsequenced_idx" ON "outbox_events" USING btree ("seq") WHERE position is null;
--> statement-breakpoint
CREATE INDEX "outbox_dead_letters_key_idx" ON "outbox_dead_letters" USING btree ("consumer","topic","key","position");
--> statement-breakpoint
CREATE INDEX "outbox_dead_letters_retry_idx" ON "outbox_dead_letters" USING btree ("consumer","retry_at") WHERE retry_at is not null;
--> statement-breakpoint
CREATE INDEX "inbox_events_created_at_idx" ON "inbox_events" USING btree ("created_at");
--> statement-breakpoint
CREATE INDEX "idempotency_keys_expires_at_idx" ON "idempotency_keys" USING btree ("expires_at");
--> statement-breakpoint
CREATE INDEX "due_work_kind_due_at_idx" ON "due_work" USING btree ("kind","due_at");
--> statement-breakpoint
alter table "tel_devices" enable row level security;
alter table "tel_devices" force row level security;
create policy "platen_app_select" on "tel_devices" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "tel_devices" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "tel_devices" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "tel_devices" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "tel_devices" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update on "tel_devices" to platen_app;
grant delete on "tel_devices" to platen_system;
create statistics "tel_devices_owner" (dependencies) on tenant_id, organization_id from "tel_devices";
--> statement-breakpoint
alter table "tel_device_credentials" enable row level security;
alter table "tel_device_credentials" force row level security;
create policy "platen_app_select" on "tel_device_credentials" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "tel_device_credentials" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "tel_device_credentials" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "tel_device_credentials" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "tel_device_credentials" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on "tel_device_credentials" to platen_app;
grant delete on "tel_device_credentials" to platen_system;
create statistics "tel_device_credentials_owner" (dependencies) on tenant_id, organization_id from "tel_device_credentials";
--> statement-breakpoint
alter table "tel_metrics" enable row level security;
alter table "tel_metrics" force row level security;
create policy "platen_app_all" on "tel_metrics" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "tel_metrics" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update on "tel_metrics" to platen_app;
grant delete on "tel_metrics" to platen_system;
create statistics "tel_metrics_owner" (dependencies) on tenant_id, organization_id from "tel_metrics";
--> statement-breakpoint

--> statement-breakpoint

--> statement-breakpoint

--> statement-breakpoint

--> statement-breakpoint

--> statement-breakpoint
alter table "tel_dirty_buckets" enable row level security;
alter table "tel_dirty_buckets" force row level security;
create policy "platen_app_all" on "tel_dirty_buckets" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "platen_system_all" on "tel_dirty_buckets" for all to platen_system
  using (true)
  with check (true);
grant select, insert, delete on "tel_dirty_buckets" to platen_app;
grant select, delete on "tel_dirty_buckets" to platen_system;
--> statement-breakpoint
alter table "tel_retention_policies" enable row level security;
alter table "tel_retention_policies" force row level security;
create policy "platen_app_all" on "tel_retention_policies" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "tel_retention_policies" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update on "tel_retention_policies" to platen_app;
grant delete on "tel_retention_policies" to platen_system;
create statistics "tel_retention_policies_owner" (dependencies) on tenant_id, organization_id from "tel_retention_policies";
--> statement-breakpoint
alter table "tel_alert_rules" enable row level security;
alter table "tel_alert_rules" force row level security;
create policy "platen_app_select" on "tel_alert_rules" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "tel_alert_rules" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "tel_alert_rules" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "tel_alert_rules" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "tel_alert_rules" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on "tel_alert_rules" to platen_app;
grant delete on "tel_alert_rules" to platen_system;
create statistics "tel_alert_rules_owner" (dependencies) on tenant_id, organization_id from "tel_alert_rules";
--> statement-breakpoint
alter table "tel_alert_states" enable row level security;
alter table "tel_alert_states" force row level security;
create policy "platen_app_select" on "tel_alert_states" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "tel_alert_states" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "tel_alert_states" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "tel_alert_states" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "tel_alert_states" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on "tel_alert_states" to platen_app;
grant delete on "tel_alert_states" to platen_system;
create statistics "tel_alert_states_owner" (dependencies) on tenant_id, organization_id from "tel_alert_states";
--> statement-breakpoint
alter table "tel_alerts" enable row level security;
alter table "tel_alerts" force row level security;
create policy "platen_app_select" on "tel_alerts" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "tel_alerts" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "tel_alerts" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "tel_alerts" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "tel_alerts" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on "tel_alerts" to platen_app;
grant delete on "tel_alerts" to platen_system;
create statistics "tel_alerts_owner" (dependencies) on tenant_id, organization_id from "tel_alerts";
--> statement-breakpoint
alter table "tel_job_runs" enable row level security;
alter table "tel_job_runs" force row level security;
create policy "platen_app_select" on "tel_job_runs" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "tel_job_runs" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "tel_job_runs" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "tel_job_runs" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "tel_job_runs" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update on "tel_job_runs" to platen_app;
grant delete on "tel_job_runs" to platen_system;
create statistics "tel_job_runs_owner" (dependencies) on tenant_id, organization_id from "tel_job_runs";
--> statement-breakpoint
alter table "tel_numbers" enable row level security;
alter table "tel_numbers" force row level security;
create policy "platen_app_all" on "tel_numbers" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "platen_system_all" on "tel_numbers" for all to platen_system
  using (true)
  with check (true);
grant select, insert, update on "tel_numbers" to platen_app;
grant select, delete on "tel_numbers" to platen_system;
--> statement-breakpoint
alter table "outbox_events" enable row level security;
alter table "outbox_events" force row level security;
create policy "platen_app_all" on "outbox_events" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "platen_system_all" on "outbox_events" for all to platen_system
  using (true)
  with check (true);
grant select, insert on "outbox_events" to platen_app;
grant select, update (position), delete on "outbox_events" to platen_system;
--> statement-breakpoint
alter table "outbox_positions" enable row level security;
alter table "outbox_positions" force row level security;
create policy "platen_system_all" on "outbox_positions" for all to platen_system
  using (true)
  with check (true);
grant select, insert, update, delete on "outbox_positions" to platen_system;
--> statement-breakpoint
alter table "outbox_dead_letters" enable row level security;
alter table "outbox_dead_letters" force row level security;
create policy "platen_app_all" on "outbox_dead_letters" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "platen_system_all" on "outbox_dead_letters" for all to platen_system
  using (true)
  with check (true);
grant select, insert, update, delete on "outbox_dead_letters" to platen_system;
--> statement-breakpoint
alter table "inbox_events" enable row level security;
alter table "inbox_events" force row level security;
create policy "platen_app_all" on "inbox_events" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "platen_system_all" on "inbox_events" for all to platen_system
  using (true)
  with check (true);
grant select, insert on "inbox_events" to platen_app;
grant select, delete on "inbox_events" to platen_system;
--> statement-breakpoint
alter table "idempotency_keys" enable row level security;
alter table "idempotency_keys" force row level security;
create policy "platen_app_all" on "idempotency_keys" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "platen_system_all" on "idempotency_keys" for all to platen_system
  using (true)
  with check (true);
grant select, insert, update, delete on "idempotency_keys" to platen_app;
grant select, delete on "idempotency_keys" to platen_system;
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
--> statement-breakpoint
alter table "usage_counters" enable row level security;
alter table "usage_counters" force row level security;
create policy "platen_app_all" on "usage_counters" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "platen_system_all" on "usage_counters" for all to platen_system
  using (true)
  with check (true);
grant select, insert, update on "usage_counters" to platen_app;
grant select, update, delete on "usage_counters" to platen_system;
