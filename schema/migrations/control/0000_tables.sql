CREATE TABLE "platform_products" (
	"id" uuid NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"position" integer NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "platform_products_pkey" PRIMARY KEY("id"),
	CONSTRAINT "platform_products_code_key" UNIQUE("code")
);

--> statement-breakpoint
CREATE TABLE "platform_product_modules" (
	"id" uuid NOT NULL,
	"product_id" uuid NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"feature_flag" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "platform_product_modules_pkey" PRIMARY KEY("id"),
	CONSTRAINT "platform_product_modules_code_key" UNIQUE("code")
);

--> statement-breakpoint
CREATE TABLE "platform_plans" (
	"id" uuid NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "platform_plans_pkey" PRIMARY KEY("id"),
	CONSTRAINT "platform_plans_code_key" UNIQUE("code")
);

--> statement-breakpoint
CREATE TABLE "platform_plan_modules" (
	"plan_id" uuid NOT NULL,
	"module_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "platform_plan_modules_pkey" PRIMARY KEY("plan_id","module_id")
);

--> statement-breakpoint
CREATE TABLE "platform_plan_limits" (
	"plan_id" uuid NOT NULL,
	"limit_code" text NOT NULL,
	"value" bigint,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "platform_plan_limits_pkey" PRIMARY KEY("plan_id","limit_code"),
	CONSTRAINT "platform_plan_limits_limit_code_check" CHECK ("limit_code" in ('users', 'devices', 'requests_per_minute', 'storage_bytes', 'points_per_day'))
);

--> statement-breakpoint
CREATE TABLE "tenants" (
	"id" uuid NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"status" text NOT NULL,
	"status_changed_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"plan_id" uuid NOT NULL,
	"erp_db_key" text NOT NULL,
	"telemetry_db_key" text,
	"authz_epoch" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tenants_pkey" PRIMARY KEY("id"),
	CONSTRAINT "tenants_slug_key" UNIQUE("slug"),
	CONSTRAINT "tenants_status_check" CHECK ("status" in ('provisioning', 'provision_failed', 'active', 'suspended', 'deleting'))
);

--> statement-breakpoint
CREATE TABLE "tenant_domains" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"domain" text NOT NULL,
	"kind" text NOT NULL,
	"verified_at" timestamp (3) with time zone,
	"is_primary" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tenant_domains_pkey" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "tenant_domains_domain_key" UNIQUE("domain"),
	CONSTRAINT "tenant_domains_kind_check" CHECK ("kind" in ('subdomain', 'custom'))
);

--> statement-breakpoint
CREATE TABLE "tenant_stores" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"domain_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tenant_stores_pkey" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "tenant_stores_code_key" UNIQUE("tenant_id","code"),
	CONSTRAINT "tenant_stores_domain_key" UNIQUE("tenant_id","domain_id")
);

--> statement-breakpoint
CREATE TABLE "tenant_platform_products" (
	"tenant_id" uuid NOT NULL,
	"product_id" uuid NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"source" text NOT NULL,
	"valid_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tenant_platform_products_pkey" PRIMARY KEY("tenant_id","product_id"),
	CONSTRAINT "tenant_platform_products_source_check" CHECK ("source" in ('plan', 'grant', 'trial'))
);

--> statement-breakpoint
CREATE TABLE "tenant_platform_product_modules" (
	"tenant_id" uuid NOT NULL,
	"module_id" uuid NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"source" text NOT NULL,
	"valid_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tenant_platform_product_modules_pkey" PRIMARY KEY("tenant_id","module_id"),
	CONSTRAINT "tenant_platform_product_modules_source_check" CHECK ("source" in ('plan', 'grant', 'trial'))
);

--> statement-breakpoint
CREATE TABLE "tenant_platform_limits" (
	"tenant_id" uuid NOT NULL,
	"limit_code" text NOT NULL,
	"value" bigint,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tenant_platform_limits_pkey" PRIMARY KEY("tenant_id","limit_code"),
	CONSTRAINT "tenant_platform_limits_limit_code_check" CHECK ("limit_code" in ('users', 'devices', 'requests_per_minute', 'storage_bytes', 'points_per_day'))
);

--> statement-breakpoint
CREATE TABLE "res_organizations" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "res_organizations_pkey" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "res_organizations_code_key" UNIQUE("tenant_id","code"),
	CONSTRAINT "res_organizations_status_check" CHECK ("status" in ('active', 'archived'))
);

--> statement-breakpoint
CREATE TABLE "res_workspaces" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "res_workspaces_pkey" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "res_workspaces_code_key" UNIQUE("tenant_id","organization_id","code"),
	CONSTRAINT "res_workspaces_organization_key" UNIQUE("tenant_id","organization_id","id"),
	CONSTRAINT "res_workspaces_status_check" CHECK ("status" in ('active', 'archived'))
);

--> statement-breakpoint
CREATE TABLE "res_organization_settings" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_required" boolean DEFAULT false NOT NULL,
	"currency" char(3) NOT NULL,
	"time_zone" text NOT NULL,
	"locale" text NOT NULL,
	"tax_rounding" text DEFAULT 'line' NOT NULL,
	"quote_prefix" text NOT NULL,
	"order_prefix" text NOT NULL,
	"quote_valid_days" integer DEFAULT 30 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "res_organization_settings_pkey" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "res_organization_settings_organization_key" UNIQUE("tenant_id","organization_id"),
	CONSTRAINT "res_organization_settings_tax_rounding_check" CHECK ("tax_rounding" in ('line', 'document'))
);

--> statement-breakpoint
CREATE TABLE "res_users" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"email" text NOT NULL,
	"name" text NOT NULL,
	"password_hash" text,
	"status" text NOT NULL,
	"authz_epoch" integer DEFAULT 1 NOT NULL,
	"default_organization_id" uuid,
	"default_workspace_id" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "res_users_pkey" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "res_users_email_key" UNIQUE("tenant_id","email"),
	CONSTRAINT "res_users_status_check" CHECK ("status" in ('invited', 'active', 'disabled'))
);

--> statement-breakpoint
CREATE TABLE "res_roles" (
	"id" uuid NOT NULL,
	"tenant_id" uuid,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "res_roles_pkey" PRIMARY KEY("id"),
	CONSTRAINT "res_roles_code_key" UNIQUE NULLS NOT DISTINCT("tenant_id","code")
);

--> statement-breakpoint
CREATE TABLE "res_permissions" (
	"id" uuid NOT NULL,
	"code" text NOT NULL,
	"module_id" uuid NOT NULL,
	"bit" integer NOT NULL,
	"description" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "res_permissions_pkey" PRIMARY KEY("id"),
	CONSTRAINT "res_permissions_code_key" UNIQUE("code"),
	CONSTRAINT "res_permissions_bit_key" UNIQUE("bit"),
	CONSTRAINT "res_permissions_bit_check" CHECK (bit >= 0)
);

--> statement-breakpoint
CREATE TABLE "res_role_permissions" (
	"tenant_id" uuid,
	"role_id" uuid NOT NULL,
	"permission_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "res_role_permissions_pkey" PRIMARY KEY("role_id","permission_id")
);

--> statement-breakpoint
CREATE TABLE "res_user_roles" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"role_id" uuid NOT NULL,
	"scope" text NOT NULL,
	"organization_id" uuid,
	"workspace_id" uuid,
	"expires_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "res_user_roles_pkey" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "res_user_roles_grant_key" UNIQUE NULLS NOT DISTINCT("tenant_id","user_id","role_id","organization_id","workspace_id"),
	CONSTRAINT "res_user_roles_scope_check" CHECK ("scope" in ('tenant', 'organization', 'workspace')),
	CONSTRAINT "res_user_roles_place_check" CHECK (case scope
      when 'tenant' then organization_id is null and workspace_id is null
      when 'organization' then organization_id is not null and workspace_id is null
      when 'workspace' then organization_id is not null and workspace_id is not null
      else false end)
);

--> statement-breakpoint
CREATE TABLE "res_user_permission_overrides" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"permission_id" uuid NOT NULL,
	"effect" text NOT NULL,
	"scope" text NOT NULL,
	"organization_id" uuid,
	"workspace_id" uuid,
	"reason" text NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "res_user_permission_overrides_pkey" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "res_user_permission_overrides_place_key" UNIQUE NULLS NOT DISTINCT("tenant_id","user_id","permission_id","effect","organization_id","workspace_id"),
	CONSTRAINT "res_user_permission_overrides_effect_check" CHECK ("effect" in ('allow', 'deny')),
	CONSTRAINT "res_user_permission_overrides_scope_check" CHECK ("scope" in ('tenant', 'organization', 'workspace')),
	CONSTRAINT "res_user_permission_overrides_place_check" CHECK (case scope
      when 'tenant' then organization_id is null and workspace_id is null
      when 'organization' then organization_id is not null and workspace_id is null
      when 'workspace' then organization_id is not null and workspace_id is not null
      else false end)
);

--> statement-breakpoint
CREATE TABLE "res_sessions" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"organization_id" uuid,
	"workspace_id" uuid,
	"ip" "inet",
	"user_agent" text,
	"last_seen_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	"revoke_reason" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "res_sessions_pkey" PRIMARY KEY("tenant_id","id")
);

--> statement-breakpoint
CREATE TABLE "res_refresh_tokens" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"session_id" uuid NOT NULL,
	"token_hash" text NOT NULL,
	"used_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "res_refresh_tokens_pkey" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "res_refresh_tokens_hash_key" UNIQUE("tenant_id","token_hash")
);

--> statement-breakpoint
CREATE TABLE "platform_service_accounts" (
	"id" uuid NOT NULL,
	"code" text NOT NULL,
	"secret_hash" text NOT NULL,
	"scopes" text[] NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "platform_service_accounts_pkey" PRIMARY KEY("id"),
	CONSTRAINT "platform_service_accounts_code_key" UNIQUE("code")
);

--> statement-breakpoint
CREATE TABLE "platform_instances" (
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"last_seen_at" timestamp (3) with time zone NOT NULL,
	"feed_position" bigint NOT NULL,
	"key_ids" text[] NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "platform_instances_pkey" PRIMARY KEY("id"),
	CONSTRAINT "platform_instances_kind_check" CHECK ("kind" in ('data-plane'))
);

--> statement-breakpoint
CREATE TABLE "platform_signing_keys" (
	"id" uuid NOT NULL,
	"kid" text NOT NULL,
	"status" text NOT NULL,
	"public_jwk" jsonb NOT NULL,
	"private_key_encrypted" text NOT NULL,
	"activated_at" timestamp (3) with time zone,
	"retires_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "platform_signing_keys_pkey" PRIMARY KEY("id"),
	CONSTRAINT "platform_signing_keys_kid_key" UNIQUE("kid"),
	CONSTRAINT "platform_signing_keys_status_check" CHECK ("status" in ('next', 'active', 'retiring', 'retired', 'revoked'))
);

--> statement-breakpoint
CREATE TABLE "control_changes" (
	"seq" bigint NOT NULL,
	"kind" text NOT NULL,
	"tenant_id" uuid,
	"payload" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "control_changes_pkey" PRIMARY KEY("seq")
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
ALTER TABLE "platform_product_modules" ADD CONSTRAINT "platform_product_modules_product_fkey" FOREIGN KEY ("product_id") REFERENCES "public"."platform_products"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "platform_plan_modules" ADD CONSTRAINT "platform_plan_modules_plan_fkey" FOREIGN KEY ("plan_id") REFERENCES "public"."platform_plans"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "platform_plan_modules" ADD CONSTRAINT "platform_plan_modules_module_fkey" FOREIGN KEY ("module_id") REFERENCES "public"."platform_product_modules"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "platform_plan_limits" ADD CONSTRAINT "platform_plan_limits_plan_fkey" FOREIGN KEY ("plan_id") REFERENCES "public"."platform_plans"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "tenants" ADD CONSTRAINT "tenants_plan_fkey" FOREIGN KEY ("plan_id") REFERENCES "public"."platform_plans"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "tenant_domains" ADD CONSTRAINT "tenant_domains_tenant_fkey" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "tenant_stores" ADD CONSTRAINT "tenant_stores_domain_fkey" FOREIGN KEY ("tenant_id","domain_id") REFERENCES "public"."tenant_domains"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "tenant_stores" ADD CONSTRAINT "tenant_stores_organization_fkey" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "public"."res_organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "tenant_stores" ADD CONSTRAINT "tenant_stores_workspace_fkey" FOREIGN KEY ("tenant_id","organization_id","workspace_id") REFERENCES "public"."res_workspaces"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "tenant_platform_products" ADD CONSTRAINT "tenant_platform_products_tenant_fkey" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "tenant_platform_products" ADD CONSTRAINT "tenant_platform_products_product_fkey" FOREIGN KEY ("product_id") REFERENCES "public"."platform_products"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "tenant_platform_product_modules" ADD CONSTRAINT "tenant_platform_product_modules_tenant_fkey" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "tenant_platform_product_modules" ADD CONSTRAINT "tenant_platform_product_modules_module_fkey" FOREIGN KEY ("module_id") REFERENCES "public"."platform_product_modules"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "tenant_platform_limits" ADD CONSTRAINT "tenant_platform_limits_tenant_fkey" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_organizations" ADD CONSTRAINT "res_organizations_tenant_fkey" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_workspaces" ADD CONSTRAINT "res_workspaces_organization_fkey" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "public"."res_organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_organization_settings" ADD CONSTRAINT "res_organization_settings_organization_fkey" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "public"."res_organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_users" ADD CONSTRAINT "res_users_tenant_fkey" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_users" ADD CONSTRAINT "res_users_default_organization_fkey" FOREIGN KEY ("tenant_id","default_organization_id") REFERENCES "public"."res_organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_users" ADD CONSTRAINT "res_users_default_workspace_fkey" FOREIGN KEY ("tenant_id","default_organization_id","default_workspace_id") REFERENCES "public"."res_workspaces"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_roles" ADD CONSTRAINT "res_roles_tenant_fkey" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_permissions" ADD CONSTRAINT "res_permissions_module_fkey" FOREIGN KEY ("module_id") REFERENCES "public"."platform_product_modules"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_role_permissions" ADD CONSTRAINT "res_role_permissions_role_fkey" FOREIGN KEY ("role_id") REFERENCES "public"."res_roles"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_role_permissions" ADD CONSTRAINT "res_role_permissions_permission_fkey" FOREIGN KEY ("permission_id") REFERENCES "public"."res_permissions"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_user_roles" ADD CONSTRAINT "res_user_roles_user_fkey" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."res_users"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_user_roles" ADD CONSTRAINT "res_user_roles_role_fkey" FOREIGN KEY ("role_id") REFERENCES "public"."res_roles"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_user_roles" ADD CONSTRAINT "res_user_roles_organization_fkey" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "public"."res_organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_user_roles" ADD CONSTRAINT "res_user_roles_workspace_fkey" FOREIGN KEY ("tenant_id","organization_id","workspace_id") REFERENCES "public"."res_workspaces"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_user_permission_overrides" ADD CONSTRAINT "res_user_permission_overrides_user_fkey" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."res_users"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_user_permission_overrides" ADD CONSTRAINT "res_user_permission_overrides_permission_fkey" FOREIGN KEY ("permission_id") REFERENCES "public"."res_permissions"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_user_permission_overrides" ADD CONSTRAINT "res_user_permission_overrides_organization_fkey" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "public"."res_organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_user_permission_overrides" ADD CONSTRAINT "res_user_permission_overrides_workspace_fkey" FOREIGN KEY ("tenant_id","organization_id","workspace_id") REFERENCES "public"."res_workspaces"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_sessions" ADD CONSTRAINT "res_sessions_user_fkey" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."res_users"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_sessions" ADD CONSTRAINT "res_sessions_organization_fkey" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "public"."res_organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_sessions" ADD CONSTRAINT "res_sessions_workspace_fkey" FOREIGN KEY ("tenant_id","organization_id","workspace_id") REFERENCES "public"."res_workspaces"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "res_refresh_tokens" ADD CONSTRAINT "res_refresh_tokens_session_fkey" FOREIGN KEY ("tenant_id","session_id") REFERENCES "public"."res_sessions"("tenant_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "res_user_roles_role_idx" ON "res_user_roles" USING btree ("tenant_id","role_id");
--> statement-breakpoint
CREATE INDEX "res_sessions_user_idx" ON "res_sessions" USING btree ("tenant_id","user_id");
--> statement-breakpoint
CREATE INDEX "res_sessions_expires_at_idx" ON "res_sessions" USING btree ("expires_at");
--> statement-breakpoint
CREATE INDEX "res_refresh_tokens_session_idx" ON "res_refresh_tokens" USING btree ("tenant_id","session_id");
--> statement-breakpoint
CREATE INDEX "res_refresh_tokens_expires_at_idx" ON "res_refresh_tokens" USING btree ("expires_at");
--> statement-breakpoint
CREATE INDEX "control_changes_created_at_idx" ON "control_changes" USING btree ("created_at");
--> statement-breakpoint
CREATE INDEX "idempotency_keys_expires_at_idx" ON "idempotency_keys" USING btree ("expires_at");
--> statement-breakpoint
alter table "platform_products" enable row level security;
alter table "platform_products" force row level security;
create policy "control_tenant_select" on "platform_products" for select to control_tenant
  using (true);
create policy "control_platform_all" on "platform_products" for all to control_platform
  using (true)
  with check (true);
grant select on "platform_products" to control_tenant;
grant select, insert, update, delete on "platform_products" to control_platform;
--> statement-breakpoint
alter table "platform_product_modules" enable row level security;
alter table "platform_product_modules" force row level security;
create policy "control_tenant_select" on "platform_product_modules" for select to control_tenant
  using (true);
create policy "control_platform_all" on "platform_product_modules" for all to control_platform
  using (true)
  with check (true);
grant select on "platform_product_modules" to control_tenant;
grant select, insert, update, delete on "platform_product_modules" to control_platform;
--> statement-breakpoint
alter table "platform_plans" enable row level security;
alter table "platform_plans" force row level security;
create policy "control_tenant_select" on "platform_plans" for select to control_tenant
  using (true);
create policy "control_platform_all" on "platform_plans" for all to control_platform
  using (true)
  with check (true);
grant select on "platform_plans" to control_tenant;
grant select, insert, update, delete on "platform_plans" to control_platform;
--> statement-breakpoint
alter table "platform_plan_modules" enable row level security;
alter table "platform_plan_modules" force row level security;
create policy "control_tenant_select" on "platform_plan_modules" for select to control_tenant
  using (true);
create policy "control_platform_all" on "platform_plan_modules" for all to control_platform
  using (true)
  with check (true);
grant select on "platform_plan_modules" to control_tenant;
grant select, insert, update, delete on "platform_plan_modules" to control_platform;
--> statement-breakpoint
alter table "platform_plan_limits" enable row level security;
alter table "platform_plan_limits" force row level security;
create policy "control_tenant_select" on "platform_plan_limits" for select to control_tenant
  using (true);
create policy "control_platform_all" on "platform_plan_limits" for all to control_platform
  using (true)
  with check (true);
grant select on "platform_plan_limits" to control_tenant;
grant select, insert, update, delete on "platform_plan_limits" to control_platform;
--> statement-breakpoint
alter table "tenants" enable row level security;
alter table "tenants" force row level security;
create policy "control_tenant_all" on "tenants" for all to control_tenant
  using (id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "tenants" for all to control_platform
  using (true)
  with check (true);
grant select on "tenants" to control_tenant;
grant select, insert, update, delete on "tenants" to control_platform;
--> statement-breakpoint
alter table "tenant_domains" enable row level security;
alter table "tenant_domains" force row level security;
create policy "control_tenant_all" on "tenant_domains" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "tenant_domains" for all to control_platform
  using (true)
  with check (true);
grant select on "tenant_domains" to control_tenant;
grant select, insert, update, delete on "tenant_domains" to control_platform;
--> statement-breakpoint
alter table "tenant_stores" enable row level security;
alter table "tenant_stores" force row level security;
create policy "control_tenant_all" on "tenant_stores" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "tenant_stores" for all to control_platform
  using (true)
  with check (true);
grant select on "tenant_stores" to control_tenant;
grant select, insert, update, delete on "tenant_stores" to control_platform;
--> statement-breakpoint
alter table "tenant_platform_products" enable row level security;
alter table "tenant_platform_products" force row level security;
create policy "control_tenant_all" on "tenant_platform_products" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "tenant_platform_products" for all to control_platform
  using (true)
  with check (true);
grant select on "tenant_platform_products" to control_tenant;
grant select, insert, update, delete on "tenant_platform_products" to control_platform;
--> statement-breakpoint
alter table "tenant_platform_product_modules" enable row level security;
alter table "tenant_platform_product_modules" force row level security;
create policy "control_tenant_all" on "tenant_platform_product_modules" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "tenant_platform_product_modules" for all to control_platform
  using (true)
  with check (true);
grant select on "tenant_platform_product_modules" to control_tenant;
grant select, insert, update, delete on "tenant_platform_product_modules" to control_platform;
--> statement-breakpoint
alter table "tenant_platform_limits" enable row level security;
alter table "tenant_platform_limits" force row level security;
create policy "control_tenant_all" on "tenant_platform_limits" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "tenant_platform_limits" for all to control_platform
  using (true)
  with check (true);
grant select on "tenant_platform_limits" to control_tenant;
grant select, insert, update, delete on "tenant_platform_limits" to control_platform;
--> statement-breakpoint
alter table "res_organizations" enable row level security;
alter table "res_organizations" force row level security;
create policy "control_tenant_all" on "res_organizations" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "res_organizations" for all to control_platform
  using (true)
  with check (true);
grant select on "res_organizations" to control_tenant;
grant select, insert, update, delete on "res_organizations" to control_platform;
--> statement-breakpoint
alter table "res_workspaces" enable row level security;
alter table "res_workspaces" force row level security;
create policy "control_tenant_all" on "res_workspaces" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "res_workspaces" for all to control_platform
  using (true)
  with check (true);
grant select on "res_workspaces" to control_tenant;
grant select, insert, update, delete on "res_workspaces" to control_platform;
--> statement-breakpoint
alter table "res_organization_settings" enable row level security;
alter table "res_organization_settings" force row level security;
create policy "control_tenant_all" on "res_organization_settings" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "res_organization_settings" for all to control_platform
  using (true)
  with check (true);
grant select on "res_organization_settings" to control_tenant;
grant select, insert, update, delete on "res_organization_settings" to control_platform;
--> statement-breakpoint
alter table "res_users" enable row level security;
alter table "res_users" force row level security;
create policy "control_tenant_all" on "res_users" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "res_users" for all to control_platform
  using (true)
  with check (true);
grant select, update on "res_users" to control_tenant;
grant select, insert, update, delete on "res_users" to control_platform;
--> statement-breakpoint
alter table "res_roles" enable row level security;
alter table "res_roles" force row level security;
create policy "control_tenant_select" on "res_roles" for select to control_tenant
  using ((tenant_id is null or tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)));
create policy "control_tenant_insert" on "res_roles" for insert to control_tenant
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_tenant_update" on "res_roles" for update to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_tenant_delete" on "res_roles" for delete to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "res_roles" for all to control_platform
  using (true)
  with check (true);
grant select on "res_roles" to control_tenant;
grant select, insert, update, delete on "res_roles" to control_platform;
--> statement-breakpoint
alter table "res_permissions" enable row level security;
alter table "res_permissions" force row level security;
create policy "control_tenant_select" on "res_permissions" for select to control_tenant
  using (true);
create policy "control_platform_all" on "res_permissions" for all to control_platform
  using (true)
  with check (true);
grant select on "res_permissions" to control_tenant;
grant select, insert, update, delete on "res_permissions" to control_platform;
--> statement-breakpoint
alter table "res_role_permissions" enable row level security;
alter table "res_role_permissions" force row level security;
create policy "control_tenant_select" on "res_role_permissions" for select to control_tenant
  using ((tenant_id is null or tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)));
create policy "control_tenant_insert" on "res_role_permissions" for insert to control_tenant
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_tenant_update" on "res_role_permissions" for update to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_tenant_delete" on "res_role_permissions" for delete to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "res_role_permissions" for all to control_platform
  using (true)
  with check (true);
grant select on "res_role_permissions" to control_tenant;
grant select, insert, update, delete on "res_role_permissions" to control_platform;
--> statement-breakpoint
alter table "res_user_roles" enable row level security;
alter table "res_user_roles" force row level security;
create policy "control_tenant_all" on "res_user_roles" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "res_user_roles" for all to control_platform
  using (true)
  with check (true);
grant select, insert, delete on "res_user_roles" to control_tenant;
grant select, insert, update, delete on "res_user_roles" to control_platform;
--> statement-breakpoint
alter table "res_user_permission_overrides" enable row level security;
alter table "res_user_permission_overrides" force row level security;
create policy "control_tenant_all" on "res_user_permission_overrides" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "res_user_permission_overrides" for all to control_platform
  using (true)
  with check (true);
grant select on "res_user_permission_overrides" to control_tenant;
grant select, insert, update, delete on "res_user_permission_overrides" to control_platform;
--> statement-breakpoint
alter table "res_sessions" enable row level security;
alter table "res_sessions" force row level security;
create policy "control_tenant_all" on "res_sessions" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "res_sessions" for all to control_platform
  using (true)
  with check (true);
grant select, insert, update on "res_sessions" to control_tenant;
grant select, insert, update, delete on "res_sessions" to control_platform;
--> statement-breakpoint
alter table "res_refresh_tokens" enable row level security;
alter table "res_refresh_tokens" force row level security;
create policy "control_tenant_all" on "res_refresh_tokens" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "res_refresh_tokens" for all to control_platform
  using (true)
  with check (true);
grant select, insert, update on "res_refresh_tokens" to control_tenant;
grant select, insert, update, delete on "res_refresh_tokens" to control_platform;
--> statement-breakpoint
alter table "platform_service_accounts" enable row level security;
alter table "platform_service_accounts" force row level security;
create policy "control_platform_all" on "platform_service_accounts" for all to control_platform
  using (true)
  with check (true);
grant select, insert, update, delete on "platform_service_accounts" to control_platform;
--> statement-breakpoint
alter table "platform_instances" enable row level security;
alter table "platform_instances" force row level security;
create policy "control_platform_all" on "platform_instances" for all to control_platform
  using (true)
  with check (true);
grant select, insert, update, delete on "platform_instances" to control_platform;
--> statement-breakpoint
alter table "platform_signing_keys" enable row level security;
alter table "platform_signing_keys" force row level security;
create policy "control_platform_all" on "platform_signing_keys" for all to control_platform
  using (true)
  with check (true);
grant select, insert, update, delete on "platform_signing_keys" to control_platform;
--> statement-breakpoint
alter table "control_changes" enable row level security;
alter table "control_changes" force row level security;
create policy "control_tenant_all" on "control_changes" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "control_changes" for all to control_platform
  using (true)
  with check (true);
grant select, insert on "control_changes" to control_tenant;
grant select, insert, delete on "control_changes" to control_platform;
--> statement-breakpoint
alter table "idempotency_keys" enable row level security;
alter table "idempotency_keys" force row level security;
create policy "control_tenant_all" on "idempotency_keys" for all to control_tenant
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "control_platform_all" on "idempotency_keys" for all to control_platform
  using (true)
  with check (true);
grant select, insert, update, delete on "idempotency_keys" to control_tenant;
grant select, insert, update, delete on "idempotency_keys" to control_platform;
