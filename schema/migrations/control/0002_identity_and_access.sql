CREATE TABLE "res_menu_items" (
	"id" uuid NOT NULL,
	"code" text NOT NULL,
	"parent_id" uuid,
	"module_id" uuid NOT NULL,
	"permission_id" uuid,
	"label" text NOT NULL,
	"route" text,
	"icon" text,
	"position" integer NOT NULL,
	"upsell" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "res_menu_items_pkey" PRIMARY KEY("id"),
	CONSTRAINT "res_menu_items_code_key" UNIQUE("code")
);

--> statement-breakpoint
CREATE TABLE "res_user_invitations" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"email" text NOT NULL,
	"role_id" uuid NOT NULL,
	"scope" text NOT NULL,
	"organization_id" uuid,
	"workspace_id" uuid,
	"token_hash" text NOT NULL,
	"invited_by" uuid NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"accepted_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "res_user_invitations_pkey" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "res_user_invitations_hash_key" UNIQUE("tenant_id","token_hash"),
	CONSTRAINT "res_user_invitations_scope_check" CHECK ("scope" in ('tenant', 'organization', 'workspace')),
	CONSTRAINT "res_user_invitations_place_check" CHECK (case scope
      when 'tenant' then organization_id is null and workspace_id is null
      when 'organization' then organization_id is not null and workspace_id is null
      when 'workspace' then organization_id is not null and workspace_id is not null
      else false end)
);

--> statement-breakpoint
CREATE TABLE "res_api_keys" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"prefix" text NOT NULL,
	"key_hash" text NOT NULL,
	"role_id" uuid NOT NULL,
	"scope" text NOT NULL,
	"organization_id" uuid,
	"workspace_id" uuid,
	"created_by" uuid NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"last_used_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "res_api_keys_pkey" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "res_api_keys_prefix_key" UNIQUE("tenant_id","prefix"),
	CONSTRAINT "res_api_keys_scope_check" CHECK ("scope" in ('tenant', 'organization', 'workspace')),
	CONSTRAINT "res_api_keys_place_check" CHECK (case scope
      when 'tenant' then organization_id is null and workspace_id is null
      when 'organization' then organization_id is not null and workspace_id is null
      when 'workspace' then organization_id is not null and workspace_id is not null
      else false end)
);

--> statement-breakpoint
CREATE TABLE "res_user_tokens" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"token_hash" text NOT NULL,
	"new_email" text,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "res_user_tokens_pkey" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "res_user_tokens_hash_key" UNIQUE("tenant_id","token_hash"),
	CONSTRAINT "res_user_tokens_kind_check" CHECK ("kind" in ('password_reset', 'email_change'))
);

--> statement-breakpoint
CREATE TABLE "res_user_recovery_codes" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"code_hash" text NOT NULL,
	"used_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "res_user_recovery_codes_pkey" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "res_user_recovery_codes_hash_key" UNIQUE("tenant_id","user_id","code_hash")
);

--> statement-breakpoint
CREATE TABLE "auth_throttles" (
	"tenant_id" uuid NOT NULL,
	"subject_hash" text NOT NULL,
	"ip_prefix" text NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"last_failure_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"blocked_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "auth_throttles_pkey" PRIMARY KEY("tenant_id","subject_hash","ip_prefix")
);

--> statement-breakpoint
CREATE TABLE "platform_admins" (
	"id" uuid NOT NULL,
	"email" text NOT NULL,
	"name" text NOT NULL,
	"password_hash" text NOT NULL,
	"role" text NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"totp_secret" text,
	"totp_confirmed_at" timestamp (3) with time zone,
	"totp_last_step" bigint,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "platform_admins_pkey" PRIMARY KEY("id"),
	CONSTRAINT "platform_admins_email_key" UNIQUE("email"),
	CONSTRAINT "platform_admins_role_check" CHECK ("role" in ('auditor', 'operator', 'owner')),
	CONSTRAINT "platform_admins_status_check" CHECK ("status" in ('active', 'disabled'))
);

--> statement-breakpoint
CREATE TABLE "platform_admin_sessions" (
	"id" uuid NOT NULL,
	"admin_id" uuid NOT NULL,
	"ip" "inet",
	"user_agent" text,
	"last_seen_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	"revoke_reason" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "platform_admin_sessions_pkey" PRIMARY KEY("id")
);

--> statement-breakpoint
CREATE TABLE "platform_admin_refresh_tokens" (
	"id" uuid NOT NULL,
	"session_id" uuid NOT NULL,
	"token_hash" text NOT NULL,
	"used_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "platform_admin_refresh_tokens_pkey" PRIMARY KEY("id"),
	CONSTRAINT "platform_admin_refresh_tokens_hash_key" UNIQUE("token_hash")
);

--> statement-breakpoint
CREATE TABLE "platform_admin_recovery_codes" (
	"id" uuid NOT NULL,
	"admin_id" uuid NOT NULL,
	"code_hash" text NOT NULL,
	"used_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "platform_admin_recovery_codes_pkey" PRIMARY KEY("id"),
	CONSTRAINT "platform_admin_recovery_codes_hash_key" UNIQUE("admin_id","code_hash")
);

--> statement-breakpoint
CREATE TABLE "audit_events" (
	"id" uuid NOT NULL,
	"tenant_id" uuid,
	"seq" bigint NOT NULL,
	"actor_type" text NOT NULL,
	"actor_id" text,
	"action" text NOT NULL,
	"target" text NOT NULL,
	"before" jsonb,
	"after" jsonb,
	"ip" "inet",
	"correlation_id" text NOT NULL,
	"prev_hash" text NOT NULL,
	"hash" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "audit_events_pkey" PRIMARY KEY("id"),
	CONSTRAINT "audit_events_seq_key" UNIQUE NULLS NOT DISTINCT("tenant_id","seq"),
	CONSTRAINT "audit_events_actor_type_check" CHECK ("actor_type" in ('user', 'api_key', 'platform_admin', 'service', 'system', 'anonymous'))
);

--> statement-breakpoint
CREATE TABLE "audit_heads" (
	"id" uuid NOT NULL,
	"tenant_id" uuid,
	"event_count" bigint NOT NULL,
	"last_hash" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "audit_heads_pkey" PRIMARY KEY("id"),
	CONSTRAINT "audit_heads_tenant_key" UNIQUE NULLS NOT DISTINCT("tenant_id")
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
	"attempts" integer NOT NULL,
	"error" text NOT NULL,
	"parked_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
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
ALTER TABLE "platform_instances" DROP CONSTRAINT "platform_instances_kind_check";
--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "delete_after" timestamp (3) with time zone;
--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "provision_error" text;
--> statement-breakpoint
ALTER TABLE "tenant_domains" ADD COLUMN "verification_token" text;
--> statement-breakpoint
ALTER TABLE "res_organization_settings" ADD COLUMN "purchase_order_prefix" text DEFAULT 'PO' NOT NULL;
--> statement-breakpoint
ALTER TABLE "res_organization_settings" ADD COLUMN "receipt_tolerance_percent" numeric(5, 2) DEFAULT '0' NOT NULL;
--> statement-breakpoint
ALTER TABLE "res_organization_settings" ADD COLUMN "legal_name" text;
--> statement-breakpoint
ALTER TABLE "res_organization_settings" ADD COLUMN "address" jsonb;
--> statement-breakpoint
ALTER TABLE "res_organization_settings" ADD COLUMN "tax_number" text;
--> statement-breakpoint
ALTER TABLE "res_organization_settings" ADD COLUMN "logo_file_id" uuid;
--> statement-breakpoint
ALTER TABLE "res_organization_settings" ADD COLUMN "terms" text;
--> statement-breakpoint
ALTER TABLE "res_users" ADD COLUMN "totp_secret" text;
--> statement-breakpoint
ALTER TABLE "res_users" ADD COLUMN "totp_confirmed_at" timestamp (3) with time zone;
--> statement-breakpoint
ALTER TABLE "res_users" ADD COLUMN "totp_last_step" bigint;
--> statement-breakpoint
ALTER TABLE "platform_service_accounts" ADD COLUMN "status" text DEFAULT 'active' NOT NULL;
--> statement-breakpoint
ALTER TABLE "platform_instances" ADD COLUMN "databases" jsonb DEFAULT '{}'::jsonb NOT NULL;
--> statement-breakpoint
ALTER TABLE "res_menu_items" ADD CONSTRAINT "res_menu_items_parent_fkey" FOREIGN KEY ("parent_id") REFERENCES "public"."res_menu_items"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_menu_items" ADD CONSTRAINT "res_menu_items_module_fkey" FOREIGN KEY ("module_id") REFERENCES "public"."platform_product_modules"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_menu_items" ADD CONSTRAINT "res_menu_items_permission_fkey" FOREIGN KEY ("permission_id") REFERENCES "public"."res_permissions"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_user_invitations" ADD CONSTRAINT "res_user_invitations_tenant_fkey" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_user_invitations" ADD CONSTRAINT "res_user_invitations_role_fkey" FOREIGN KEY ("role_id") REFERENCES "public"."res_roles"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_user_invitations" ADD CONSTRAINT "res_user_invitations_organization_fkey" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "public"."res_organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_user_invitations" ADD CONSTRAINT "res_user_invitations_workspace_fkey" FOREIGN KEY ("tenant_id","organization_id","workspace_id") REFERENCES "public"."res_workspaces"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_api_keys" ADD CONSTRAINT "res_api_keys_tenant_fkey" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_api_keys" ADD CONSTRAINT "res_api_keys_role_fkey" FOREIGN KEY ("role_id") REFERENCES "public"."res_roles"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_api_keys" ADD CONSTRAINT "res_api_keys_organization_fkey" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "public"."res_organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_api_keys" ADD CONSTRAINT "res_api_keys_workspace_fkey" FOREIGN KEY ("tenant_id","organization_id","workspace_id") REFERENCES "public"."res_workspaces"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_user_tokens" ADD CONSTRAINT "res_user_tokens_user_fkey" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."res_users"("tenant_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_user_recovery_codes" ADD CONSTRAINT "res_user_recovery_codes_user_fkey" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."res_users"("tenant_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "platform_admin_sessions" ADD CONSTRAINT "platform_admin_sessions_admin_fkey" FOREIGN KEY ("admin_id") REFERENCES "public"."platform_admins"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "platform_admin_refresh_tokens" ADD CONSTRAINT "platform_admin_refresh_tokens_session_fkey" FOREIGN KEY ("session_id") REFERENCES "public"."platform_admin_sessions"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "platform_admin_recovery_codes" ADD CONSTRAINT "platform_admin_recovery_codes_admin_fkey" FOREIGN KEY ("admin_id") REFERENCES "public"."platform_admins"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "res_user_invitations_email_idx" ON "res_user_invitations" USING btree ("tenant_id","email");
--> statement-breakpoint
CREATE INDEX "res_user_invitations_role_idx" ON "res_user_invitations" USING btree ("tenant_id","role_id");
--> statement-breakpoint
CREATE INDEX "res_api_keys_role_idx" ON "res_api_keys" USING btree ("tenant_id","role_id");
--> statement-breakpoint
CREATE INDEX "res_user_tokens_user_idx" ON "res_user_tokens" USING btree ("tenant_id","user_id");
--> statement-breakpoint
CREATE INDEX "res_user_tokens_expires_at_idx" ON "res_user_tokens" USING btree ("expires_at");
--> statement-breakpoint
CREATE INDEX "auth_throttles_last_failure_at_idx" ON "auth_throttles" USING btree ("last_failure_at");
--> statement-breakpoint
CREATE INDEX "platform_admin_sessions_admin_idx" ON "platform_admin_sessions" USING btree ("admin_id");
--> statement-breakpoint
CREATE INDEX "platform_admin_sessions_expires_at_idx" ON "platform_admin_sessions" USING btree ("expires_at");
--> statement-breakpoint
CREATE INDEX "platform_admin_refresh_tokens_session_idx" ON "platform_admin_refresh_tokens" USING btree ("session_id");
--> statement-breakpoint
CREATE INDEX "platform_admin_refresh_tokens_expires_at_idx" ON "platform_admin_refresh_tokens" USING btree ("expires_at");
--> statement-breakpoint
CREATE INDEX "audit_events_target_idx" ON "audit_events" USING btree ("tenant_id","target","seq");
--> statement-breakpoint
CREATE INDEX "audit_events_actor_idx" ON "audit_events" USING btree ("tenant_id","actor_id","seq");
--> statement-breakpoint
CREATE INDEX "outbox_events_topic_position_idx" ON "outbox_events" USING btree ("topic","position");
--> statement-breakpoint
CREATE INDEX "outbox_events_unsequenced_idx" ON "outbox_events" USING btree ("seq") WHERE position is null;
--> statement-breakpoint
CREATE INDEX "inbox_events_created_at_idx" ON "inbox_events" USING btree ("created_at");
--> statement-breakpoint
CREATE INDEX "due_work_due_at_idx" ON "due_work" USING btree ("due_at");
--> statement-breakpoint
ALTER TABLE "platform_service_accounts" ADD CONSTRAINT "platform_service_accounts_status_check" CHECK ("status" in ('active', 'disabled'));
--> statement-breakpoint
ALTER TABLE "platform_instances" ADD CONSTRAINT "platform_instances_kind_check" CHECK ("kind" in ('data-plane', 'control-plane'));
--> statement-breakpoint
alter table "res_menu_items" enable row level security;
alter table "res_menu_items" force row level security;
create policy "control_tenant_select" on "res_menu_items" for select to control_tenant
  using (true);
create policy "control_platform_all" on "res_menu_items" for all to control_platform
  using (true)
  with check (true);
grant select on "res_menu_items" to control_tenant;
grant select, insert, update, delete on "res_menu_items" to control_platform;
--> statement-breakpoint
alter table "res_user_invitations" enable row level security;
alter table "res_user_invitations" force row level security;
create policy "control_tenant_all" on "res_user_invitations" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "res_user_invitations" for all to control_platform
  using (true)
  with check (true);
grant select, insert, update on "res_user_invitations" to control_tenant;
grant select, insert, update, delete on "res_user_invitations" to control_platform;
--> statement-breakpoint
alter table "res_api_keys" enable row level security;
alter table "res_api_keys" force row level security;
create policy "control_tenant_all" on "res_api_keys" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "res_api_keys" for all to control_platform
  using (true)
  with check (true);
grant select, insert, update on "res_api_keys" to control_tenant;
grant select, insert, update, delete on "res_api_keys" to control_platform;
--> statement-breakpoint
alter table "res_user_tokens" enable row level security;
alter table "res_user_tokens" force row level security;
create policy "control_tenant_all" on "res_user_tokens" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "res_user_tokens" for all to control_platform
  using (true)
  with check (true);
grant select, insert, update on "res_user_tokens" to control_tenant;
grant select, insert, update, delete on "res_user_tokens" to control_platform;
--> statement-breakpoint
alter table "res_user_recovery_codes" enable row level security;
alter table "res_user_recovery_codes" force row level security;
create policy "control_tenant_all" on "res_user_recovery_codes" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "res_user_recovery_codes" for all to control_platform
  using (true)
  with check (true);
grant select, insert, update, delete on "res_user_recovery_codes" to control_tenant;
grant select, insert, update, delete on "res_user_recovery_codes" to control_platform;
--> statement-breakpoint
alter table "auth_throttles" enable row level security;
alter table "auth_throttles" force row level security;
create policy "control_tenant_all" on "auth_throttles" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "auth_throttles" for all to control_platform
  using (true)
  with check (true);
grant select, insert, update, delete on "auth_throttles" to control_tenant;
grant select, insert, update, delete on "auth_throttles" to control_platform;
--> statement-breakpoint
alter table "platform_admins" enable row level security;
alter table "platform_admins" force row level security;
create policy "control_platform_all" on "platform_admins" for all to control_platform
  using (true)
  with check (true);
grant select, insert, update, delete on "platform_admins" to control_platform;
--> statement-breakpoint
alter table "platform_admin_sessions" enable row level security;
alter table "platform_admin_sessions" force row level security;
create policy "control_platform_all" on "platform_admin_sessions" for all to control_platform
  using (true)
  with check (true);
grant select, insert, update, delete on "platform_admin_sessions" to control_platform;
--> statement-breakpoint
alter table "platform_admin_refresh_tokens" enable row level security;
alter table "platform_admin_refresh_tokens" force row level security;
create policy "control_platform_all" on "platform_admin_refresh_tokens" for all to control_platform
  using (true)
  with check (true);
grant select, insert, update, delete on "platform_admin_refresh_tokens" to control_platform;
--> statement-breakpoint
alter table "platform_admin_recovery_codes" enable row level security;
alter table "platform_admin_recovery_codes" force row level security;
create policy "control_platform_all" on "platform_admin_recovery_codes" for all to control_platform
  using (true)
  with check (true);
grant select, insert, update, delete on "platform_admin_recovery_codes" to control_platform;
--> statement-breakpoint
alter table "audit_events" enable row level security;
alter table "audit_events" force row level security;
create policy "control_tenant_all" on "audit_events" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "audit_events" for all to control_platform
  using (true)
  with check (true);
grant select, insert on "audit_events" to control_tenant;
grant select, insert on "audit_events" to control_platform;
--> statement-breakpoint
alter table "audit_heads" enable row level security;
alter table "audit_heads" force row level security;
create policy "control_tenant_all" on "audit_heads" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "audit_heads" for all to control_platform
  using (true)
  with check (true);
grant select, insert, update on "audit_heads" to control_tenant;
grant select, insert, update on "audit_heads" to control_platform;
--> statement-breakpoint
alter table "outbox_events" enable row level security;
alter table "outbox_events" force row level security;
create policy "control_tenant_all" on "outbox_events" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "outbox_events" for all to control_platform
  using (true)
  with check (true);
grant select, insert on "outbox_events" to control_tenant;
grant select, insert, update, delete on "outbox_events" to control_platform;
--> statement-breakpoint
alter table "outbox_positions" enable row level security;
alter table "outbox_positions" force row level security;
create policy "control_platform_all" on "outbox_positions" for all to control_platform
  using (true)
  with check (true);
grant select, insert, update, delete on "outbox_positions" to control_platform;
--> statement-breakpoint
alter table "outbox_dead_letters" enable row level security;
alter table "outbox_dead_letters" force row level security;
create policy "control_tenant_all" on "outbox_dead_letters" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "outbox_dead_letters" for all to control_platform
  using (true)
  with check (true);
grant select, insert, update, delete on "outbox_dead_letters" to control_platform;
--> statement-breakpoint
alter table "inbox_events" enable row level security;
alter table "inbox_events" force row level security;
create policy "control_tenant_all" on "inbox_events" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "inbox_events" for all to control_platform
  using (true)
  with check (true);
grant select, insert, update, delete on "inbox_events" to control_platform;
--> statement-breakpoint
alter table "due_work" enable row level security;
alter table "due_work" force row level security;
create policy "control_tenant_all" on "due_work" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "due_work" for all to control_platform
  using (true)
  with check (true);
grant select, insert, update, delete on "due_work" to control_tenant;
grant select, insert, update, delete on "due_work" to control_platform;
--> statement-breakpoint
-- Tables of 0000 that tenants write from now on.
grant insert, update, delete on tenant_domains, tenant_stores to control_tenant;
grant insert, update on res_organizations, res_workspaces, res_organization_settings to control_tenant;
grant insert on res_users to control_tenant;
grant insert, update, delete on res_roles to control_tenant;
grant insert, delete on res_role_permissions, res_user_permission_overrides to control_tenant;
grant update (authz_epoch, updated_at) on tenants to control_tenant;
--> statement-breakpoint
create trigger role_belongs before insert or update of tenant_id, role_id on res_user_invitations
  for each row execute function role_belongs();
create trigger role_belongs before insert or update of tenant_id, role_id on res_api_keys
  for each row execute function role_belongs();
--> statement-breakpoint
create trigger append_only before update or delete on audit_events
  for each row execute function refuse_change();

-- What a row's hash covers: every column but the hash itself, as JSON text whose form Postgres fixes (jsonb orders keys).
create function audit_event_hash(event audit_events) returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select encode(sha256(convert_to(jsonb_build_array(
    event.seq, event.id, event.tenant_id, event.actor_type, event.actor_id, event.action, event.target,
    event.before, event.after, host(event.ip), event.correlation_id,
    floor(extract(epoch from event.created_at) * 1000)::bigint, event.prev_hash)::text, 'UTF8')), 'hex');
$$;

-- Appends to the chain of a tenant (null: the platform's) and answers the seq. The head's row is locked until the commit,
-- so a chain grows by one transaction at a time: call it late, and before append_control_change(), whose lock all share.
create function append_audit_event(
  tenant_id uuid, id uuid, actor_type text, actor_id text, action text, target text,
  before jsonb, after jsonb, ip inet, correlation_id text
) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  head public.audit_heads;
  event public.audit_events;
begin
  insert into public.audit_heads as h (id, tenant_id, event_count, last_hash)
    values ($2, $1, 1, '')
    on conflict on constraint audit_heads_tenant_key
      do update set event_count = h.event_count + 1, updated_at = clock_timestamp()
    returning * into head;
  event := row($2, $1, head.event_count, $3, $4, $5, $6, $7, $8, $9, $10, head.last_hash, '',
    date_trunc('milliseconds', clock_timestamp()))::public.audit_events;
  event.hash := public.audit_event_hash(event);
  insert into public.audit_events select (event).*;
  update public.audit_heads h set last_hash = event.hash where h.id = head.id;
  return head.event_count;
end
$$;
