CREATE TABLE "erp_categories" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"parent_id" uuid,
	"position" integer DEFAULT 0 NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_categories_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_categories_code_key" UNIQUE("tenant_id","organization_id","code")
);

--> statement-breakpoint
CREATE TABLE "erp_products" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"status" text DEFAULT 'draft' NOT NULL,
	"kind" text NOT NULL,
	"category_id" uuid,
	"tax_class" text DEFAULT 'standard' NOT NULL,
	"base_price" numeric(18, 4) NOT NULL,
	"currency" char(3) NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_products_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_products_code_key" UNIQUE("tenant_id","organization_id","code"),
	CONSTRAINT "erp_products_status_check" CHECK ("status" in ('draft', 'active', 'archived')),
	CONSTRAINT "erp_products_kind_check" CHECK ("kind" in ('blank', 'service', 'decorated'))
);

--> statement-breakpoint
CREATE TABLE "erp_product_variants" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"product_id" uuid NOT NULL,
	"sku" text NOT NULL,
	"option_values" jsonb NOT NULL,
	"gtin" text,
	"cost" numeric(18, 4),
	"price_delta" numeric(18, 4) DEFAULT '0' NOT NULL,
	"weight_g" integer,
	"status" text DEFAULT 'active' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_product_variants_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_product_variants_sku_key" UNIQUE("tenant_id","organization_id","sku"),
	CONSTRAINT "erp_product_variants_status_check" CHECK ("status" in ('active', 'archived'))
);

--> statement-breakpoint
CREATE TABLE "erp_customers" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"email" text,
	"customer_group" text,
	"tax_exempt" boolean DEFAULT false NOT NULL,
	"currency" char(3) NOT NULL,
	"addresses" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_customers_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_customers_code_key" UNIQUE("tenant_id","organization_id","code")
);

--> statement-breakpoint
CREATE TABLE "erp_pricing_rule_sets" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"status" text DEFAULT 'draft' NOT NULL,
	"currency" char(3) NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_pricing_rule_sets_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_pricing_rule_sets_code_key" UNIQUE("tenant_id","organization_id","code"),
	CONSTRAINT "erp_pricing_rule_sets_status_check" CHECK ("status" in ('draft', 'active', 'retired'))
);

--> statement-breakpoint
CREATE TABLE "erp_pricing_rules" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"rule_set_id" uuid NOT NULL,
	"code" text NOT NULL,
	"position" integer NOT NULL,
	"kind" text NOT NULL,
	"conditions" jsonb NOT NULL,
	"effect" jsonb NOT NULL,
	"stackable" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_pricing_rules_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_pricing_rules_code_key" UNIQUE("tenant_id","organization_id","rule_set_id","code"),
	CONSTRAINT "erp_pricing_rules_position_key" UNIQUE("tenant_id","organization_id","rule_set_id","position"),
	CONSTRAINT "erp_pricing_rules_kind_check" CHECK ("kind" in ('base_price', 'quantity_tier', 'size_upcharge', 'customer_discount'))
);

--> statement-breakpoint
CREATE TABLE "erp_pricing_rule_set_versions" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"rule_set_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"content" text NOT NULL,
	"hash" text NOT NULL,
	"valid_from" timestamp (3) with time zone NOT NULL,
	"valid_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_pricing_rule_set_versions_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_pricing_rule_set_versions_version_key" UNIQUE("tenant_id","organization_id","rule_set_id","version"),
	CONSTRAINT "erp_pricing_rule_set_versions_validity_check" CHECK (valid_until > valid_from)
);

--> statement-breakpoint
CREATE TABLE "erp_tax_rates" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"tax_class" text NOT NULL,
	"name" text NOT NULL,
	"rate_percent" numeric(7, 4) NOT NULL,
	"valid_from" date NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_tax_rates_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_tax_rates_class_key" UNIQUE("tenant_id","organization_id","tax_class","valid_from"),
	CONSTRAINT "erp_tax_rates_rate_percent_check" CHECK (rate_percent between 0 and 100)
);

--> statement-breakpoint
CREATE TABLE "erp_quotes" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"number" text,
	"status" text DEFAULT 'draft' NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"customer_id" uuid NOT NULL,
	"currency" char(3) NOT NULL,
	"subtotal" numeric(18, 4) NOT NULL,
	"discount" numeric(18, 4) NOT NULL,
	"tax" numeric(18, 4) NOT NULL,
	"total" numeric(18, 4) NOT NULL,
	"deposit_due" numeric(18, 4),
	"valid_until" date NOT NULL,
	"rule_set_version_id" uuid NOT NULL,
	"accepted_at" timestamp (3) with time zone,
	"accepted_by" uuid,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_quotes_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_quotes_number_key" UNIQUE("tenant_id","organization_id","number"),
	CONSTRAINT "erp_quotes_status_check" CHECK ("status" in ('draft', 'sent', 'accepted', 'rejected', 'expired', 'superseded', 'converted'))
);

--> statement-breakpoint
CREATE TABLE "erp_quote_lines" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"quote_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"product_id" uuid NOT NULL,
	"quantity" numeric(18, 4) NOT NULL,
	"unit_price" numeric(18, 4) NOT NULL,
	"line_total" numeric(18, 4) NOT NULL,
	"receipt" text NOT NULL,
	"receipt_hash" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_quote_lines_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_quote_lines_position_key" UNIQUE("tenant_id","organization_id","quote_id","position")
);

--> statement-breakpoint
CREATE TABLE "erp_quote_line_sizes" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"quote_line_id" uuid NOT NULL,
	"variant_id" uuid NOT NULL,
	"quantity" numeric(18, 4) NOT NULL,
	"unit_price" numeric(18, 4) NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_quote_line_sizes_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_quote_line_sizes_variant_key" UNIQUE("tenant_id","organization_id","quote_line_id","variant_id")
);

--> statement-breakpoint
CREATE TABLE "erp_orders" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"number" text,
	"status" text DEFAULT 'draft' NOT NULL,
	"payment_status" text DEFAULT 'unpaid' NOT NULL,
	"quote_id" uuid,
	"customer_id" uuid NOT NULL,
	"currency" char(3) NOT NULL,
	"subtotal" numeric(18, 4) NOT NULL,
	"discount" numeric(18, 4) NOT NULL,
	"tax" numeric(18, 4) NOT NULL,
	"total" numeric(18, 4) NOT NULL,
	"deposit_due" numeric(18, 4),
	"due_on" date,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_orders_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_orders_number_key" UNIQUE("tenant_id","organization_id","number"),
	CONSTRAINT "erp_orders_quote_key" UNIQUE("tenant_id","organization_id","quote_id"),
	CONSTRAINT "erp_orders_status_check" CHECK ("status" in ('draft', 'confirmed', 'in_production', 'ready', 'shipped', 'completed', 'cancelled')),
	CONSTRAINT "erp_orders_payment_status_check" CHECK ("payment_status" in ('unpaid', 'partial', 'paid', 'refunded'))
);

--> statement-breakpoint
CREATE TABLE "erp_order_lines" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"order_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"product_id" uuid NOT NULL,
	"quantity" numeric(18, 4) NOT NULL,
	"unit_price" numeric(18, 4) NOT NULL,
	"line_total" numeric(18, 4) NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_order_lines_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_order_lines_position_key" UNIQUE("tenant_id","organization_id","order_id","position")
);

--> statement-breakpoint
CREATE TABLE "erp_order_line_sizes" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"order_line_id" uuid NOT NULL,
	"variant_id" uuid NOT NULL,
	"quantity" numeric(18, 4) NOT NULL,
	"unit_price" numeric(18, 4) NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_order_line_sizes_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_order_line_sizes_variant_key" UNIQUE("tenant_id","organization_id","order_line_id","variant_id")
);

--> statement-breakpoint
CREATE TABLE "erp_order_payments" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"order_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"method" text NOT NULL,
	"reference" text,
	"amount" numeric(18, 4) NOT NULL,
	"received_on" date NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_order_payments_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_order_payments_kind_check" CHECK ("kind" in ('payment', 'refund')),
	CONSTRAINT "erp_order_payments_method_check" CHECK ("method" in ('cash', 'card', 'bank_transfer', 'cheque', 'other')),
	CONSTRAINT "erp_order_payments_amount_check" CHECK (amount > 0)
);

--> statement-breakpoint
CREATE TABLE "erp_order_status_changes" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"order_id" uuid NOT NULL,
	"from_status" text,
	"to_status" text NOT NULL,
	"changed_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_order_status_changes_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_order_status_changes_from_status_check" CHECK ("from_status" in ('draft', 'confirmed', 'in_production', 'ready', 'shipped', 'completed', 'cancelled')),
	CONSTRAINT "erp_order_status_changes_to_status_check" CHECK ("to_status" in ('draft', 'confirmed', 'in_production', 'ready', 'shipped', 'completed', 'cancelled'))
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
CREATE TABLE "erp_number_sequences" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"year" integer NOT NULL,
	"last_number" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_number_sequences_pkey" PRIMARY KEY("tenant_id","organization_id","kind","year"),
	CONSTRAINT "erp_number_sequences_kind_check" CHECK ("kind" in ('quote', 'order'))
);

--> statement-breakpoint
ALTER TABLE "erp_categories" ADD CONSTRAINT "erp_categories_parent_fkey" FOREIGN KEY ("tenant_id","organization_id","parent_id") REFERENCES "public"."erp_categories"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_products" ADD CONSTRAINT "erp_products_category_fkey" FOREIGN KEY ("tenant_id","organization_id","category_id") REFERENCES "public"."erp_categories"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_product_variants" ADD CONSTRAINT "erp_product_variants_product_fkey" FOREIGN KEY ("tenant_id","organization_id","product_id") REFERENCES "public"."erp_products"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_pricing_rules" ADD CONSTRAINT "erp_pricing_rules_rule_set_fkey" FOREIGN KEY ("tenant_id","organization_id","rule_set_id") REFERENCES "public"."erp_pricing_rule_sets"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_pricing_rule_set_versions" ADD CONSTRAINT "erp_pricing_rule_set_versions_rule_set_fkey" FOREIGN KEY ("tenant_id","organization_id","rule_set_id") REFERENCES "public"."erp_pricing_rule_sets"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_quotes" ADD CONSTRAINT "erp_quotes_customer_fkey" FOREIGN KEY ("tenant_id","organization_id","customer_id") REFERENCES "public"."erp_customers"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_quotes" ADD CONSTRAINT "erp_quotes_rule_set_version_fkey" FOREIGN KEY ("tenant_id","organization_id","rule_set_version_id") REFERENCES "public"."erp_pricing_rule_set_versions"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_quote_lines" ADD CONSTRAINT "erp_quote_lines_quote_fkey" FOREIGN KEY ("tenant_id","organization_id","quote_id") REFERENCES "public"."erp_quotes"("tenant_id","organization_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_quote_lines" ADD CONSTRAINT "erp_quote_lines_product_fkey" FOREIGN KEY ("tenant_id","organization_id","product_id") REFERENCES "public"."erp_products"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_quote_line_sizes" ADD CONSTRAINT "erp_quote_line_sizes_line_fkey" FOREIGN KEY ("tenant_id","organization_id","quote_line_id") REFERENCES "public"."erp_quote_lines"("tenant_id","organization_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_quote_line_sizes" ADD CONSTRAINT "erp_quote_line_sizes_variant_fkey" FOREIGN KEY ("tenant_id","organization_id","variant_id") REFERENCES "public"."erp_product_variants"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_orders" ADD CONSTRAINT "erp_orders_quote_fkey" FOREIGN KEY ("tenant_id","organization_id","quote_id") REFERENCES "public"."erp_quotes"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_orders" ADD CONSTRAINT "erp_orders_customer_fkey" FOREIGN KEY ("tenant_id","organization_id","customer_id") REFERENCES "public"."erp_customers"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_order_lines" ADD CONSTRAINT "erp_order_lines_order_fkey" FOREIGN KEY ("tenant_id","organization_id","order_id") REFERENCES "public"."erp_orders"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_order_lines" ADD CONSTRAINT "erp_order_lines_product_fkey" FOREIGN KEY ("tenant_id","organization_id","product_id") REFERENCES "public"."erp_products"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_order_line_sizes" ADD CONSTRAINT "erp_order_line_sizes_line_fkey" FOREIGN KEY ("tenant_id","organization_id","order_line_id") REFERENCES "public"."erp_order_lines"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_order_line_sizes" ADD CONSTRAINT "erp_order_line_sizes_variant_fkey" FOREIGN KEY ("tenant_id","organization_id","variant_id") REFERENCES "public"."erp_product_variants"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_order_payments" ADD CONSTRAINT "erp_order_payments_order_fkey" FOREIGN KEY ("tenant_id","organization_id","order_id") REFERENCES "public"."erp_orders"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_order_status_changes" ADD CONSTRAINT "erp_order_status_changes_order_fkey" FOREIGN KEY ("tenant_id","organization_id","order_id") REFERENCES "public"."erp_orders"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "erp_products_category_idx" ON "erp_products" USING btree ("tenant_id","organization_id","category_id","id");
--> statement-breakpoint
CREATE INDEX "erp_product_variants_product_idx" ON "erp_product_variants" USING btree ("tenant_id","organization_id","product_id","id");
--> statement-breakpoint
CREATE INDEX "erp_product_variants_sku_prefix_idx" ON "erp_product_variants" USING btree ("tenant_id","organization_id","sku" text_pattern_ops);
--> statement-breakpoint
CREATE INDEX "erp_quotes_created_idx" ON "erp_quotes" USING btree ("tenant_id","organization_id","created_at","id");
--> statement-breakpoint
CREATE INDEX "erp_quotes_status_idx" ON "erp_quotes" USING btree ("tenant_id","organization_id","status","created_at","id");
--> statement-breakpoint
CREATE INDEX "erp_quotes_customer_idx" ON "erp_quotes" USING btree ("tenant_id","organization_id","customer_id","created_at","id");
--> statement-breakpoint
CREATE INDEX "erp_orders_created_idx" ON "erp_orders" USING btree ("tenant_id","organization_id","created_at","id");
--> statement-breakpoint
CREATE INDEX "erp_orders_status_idx" ON "erp_orders" USING btree ("tenant_id","organization_id","status","created_at","id");
--> statement-breakpoint
CREATE INDEX "erp_orders_customer_idx" ON "erp_orders" USING btree ("tenant_id","organization_id","customer_id","created_at","id");
--> statement-breakpoint
CREATE INDEX "erp_order_payments_order_idx" ON "erp_order_payments" USING btree ("tenant_id","organization_id","order_id","id");
--> statement-breakpoint
CREATE INDEX "erp_order_status_changes_order_idx" ON "erp_order_status_changes" USING btree ("tenant_id","organization_id","order_id","id");
--> statement-breakpoint
CREATE INDEX "outbox_events_topic_position_idx" ON "outbox_events" USING btree ("topic","position");
--> statement-breakpoint
CREATE INDEX "outbox_events_unsequenced_idx" ON "outbox_events" USING btree ("seq") WHERE position is null;
--> statement-breakpoint
CREATE INDEX "inbox_events_created_at_idx" ON "inbox_events" USING btree ("created_at");
--> statement-breakpoint
CREATE INDEX "idempotency_keys_expires_at_idx" ON "idempotency_keys" USING btree ("expires_at");
--> statement-breakpoint
alter table "erp_categories" enable row level security;
alter table "erp_categories" force row level security;
create policy "platen_app_all" on "erp_categories" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
grant select, insert, update on "erp_categories" to platen_app;
create statistics "erp_categories_owner" (dependencies) on tenant_id, organization_id from "erp_categories";
--> statement-breakpoint
alter table "erp_products" enable row level security;
alter table "erp_products" force row level security;
create policy "platen_app_all" on "erp_products" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
grant select, insert, update on "erp_products" to platen_app;
create statistics "erp_products_owner" (dependencies) on tenant_id, organization_id from "erp_products";
--> statement-breakpoint
alter table "erp_product_variants" enable row level security;
alter table "erp_product_variants" force row level security;
create policy "platen_app_all" on "erp_product_variants" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
grant select, insert, update on "erp_product_variants" to platen_app;
create statistics "erp_product_variants_owner" (dependencies) on tenant_id, organization_id from "erp_product_variants";
--> statement-breakpoint
alter table "erp_customers" enable row level security;
alter table "erp_customers" force row level security;
create policy "platen_app_all" on "erp_customers" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
grant select, insert, update on "erp_customers" to platen_app;
create statistics "erp_customers_owner" (dependencies) on tenant_id, organization_id from "erp_customers";
--> statement-breakpoint
alter table "erp_pricing_rule_sets" enable row level security;
alter table "erp_pricing_rule_sets" force row level security;
create policy "platen_app_all" on "erp_pricing_rule_sets" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
grant select, insert, update on "erp_pricing_rule_sets" to platen_app;
create statistics "erp_pricing_rule_sets_owner" (dependencies) on tenant_id, organization_id from "erp_pricing_rule_sets";
--> statement-breakpoint
alter table "erp_pricing_rules" enable row level security;
alter table "erp_pricing_rules" force row level security;
create policy "platen_app_all" on "erp_pricing_rules" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
grant select, insert, update, delete on "erp_pricing_rules" to platen_app;
create statistics "erp_pricing_rules_owner" (dependencies) on tenant_id, organization_id from "erp_pricing_rules";
--> statement-breakpoint
alter table "erp_pricing_rule_set_versions" enable row level security;
alter table "erp_pricing_rule_set_versions" force row level security;
create policy "platen_app_all" on "erp_pricing_rule_set_versions" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
grant select, insert, update (valid_until) on "erp_pricing_rule_set_versions" to platen_app;
create statistics "erp_pricing_rule_set_versions_owner" (dependencies) on tenant_id, organization_id from "erp_pricing_rule_set_versions";
--> statement-breakpoint
alter table "erp_tax_rates" enable row level security;
alter table "erp_tax_rates" force row level security;
create policy "platen_app_all" on "erp_tax_rates" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
grant select, insert, update on "erp_tax_rates" to platen_app;
create statistics "erp_tax_rates_owner" (dependencies) on tenant_id, organization_id from "erp_tax_rates";
--> statement-breakpoint
alter table "erp_quotes" enable row level security;
alter table "erp_quotes" force row level security;
create policy "platen_app_select" on "erp_quotes" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "erp_quotes" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "erp_quotes" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "erp_quotes" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
grant select, insert, update on "erp_quotes" to platen_app;
create statistics "erp_quotes_owner" (dependencies) on tenant_id, organization_id from "erp_quotes";
--> statement-breakpoint
alter table "erp_quote_lines" enable row level security;
alter table "erp_quote_lines" force row level security;
create policy "platen_app_select" on "erp_quote_lines" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "erp_quote_lines" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "erp_quote_lines" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "erp_quote_lines" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
grant select, insert, update, delete on "erp_quote_lines" to platen_app;
create statistics "erp_quote_lines_owner" (dependencies) on tenant_id, organization_id from "erp_quote_lines";
--> statement-breakpoint
alter table "erp_quote_line_sizes" enable row level security;
alter table "erp_quote_line_sizes" force row level security;
create policy "platen_app_select" on "erp_quote_line_sizes" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "erp_quote_line_sizes" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "erp_quote_line_sizes" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "erp_quote_line_sizes" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
grant select, insert, update, delete on "erp_quote_line_sizes" to platen_app;
create statistics "erp_quote_line_sizes_owner" (dependencies) on tenant_id, organization_id from "erp_quote_line_sizes";
--> statement-breakpoint
alter table "erp_orders" enable row level security;
alter table "erp_orders" force row level security;
create policy "platen_app_select" on "erp_orders" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "erp_orders" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "erp_orders" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "erp_orders" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
grant select, insert, update on "erp_orders" to platen_app;
create statistics "erp_orders_owner" (dependencies) on tenant_id, organization_id from "erp_orders";
--> statement-breakpoint
alter table "erp_order_lines" enable row level security;
alter table "erp_order_lines" force row level security;
create policy "platen_app_select" on "erp_order_lines" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "erp_order_lines" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "erp_order_lines" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "erp_order_lines" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
grant select, insert on "erp_order_lines" to platen_app;
create statistics "erp_order_lines_owner" (dependencies) on tenant_id, organization_id from "erp_order_lines";
--> statement-breakpoint
alter table "erp_order_line_sizes" enable row level security;
alter table "erp_order_line_sizes" force row level security;
create policy "platen_app_select" on "erp_order_line_sizes" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "erp_order_line_sizes" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "erp_order_line_sizes" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "erp_order_line_sizes" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
grant select, insert on "erp_order_line_sizes" to platen_app;
create statistics "erp_order_line_sizes_owner" (dependencies) on tenant_id, organization_id from "erp_order_line_sizes";
--> statement-breakpoint
alter table "erp_order_payments" enable row level security;
alter table "erp_order_payments" force row level security;
create policy "platen_app_select" on "erp_order_payments" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "erp_order_payments" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "erp_order_payments" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "erp_order_payments" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
grant select, insert on "erp_order_payments" to platen_app;
create statistics "erp_order_payments_owner" (dependencies) on tenant_id, organization_id from "erp_order_payments";
--> statement-breakpoint
alter table "erp_order_status_changes" enable row level security;
alter table "erp_order_status_changes" force row level security;
create policy "platen_app_select" on "erp_order_status_changes" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "erp_order_status_changes" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "erp_order_status_changes" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "erp_order_status_changes" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
grant select, insert on "erp_order_status_changes" to platen_app;
create statistics "erp_order_status_changes_owner" (dependencies) on tenant_id, organization_id from "erp_order_status_changes";
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
alter table "erp_number_sequences" enable row level security;
alter table "erp_number_sequences" force row level security;
create policy "platen_app_all" on "erp_number_sequences" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy "platen_system_all" on "erp_number_sequences" for all to platen_system
  using (true)
  with check (true);
grant select, insert, update on "erp_number_sequences" to platen_app;
grant select on "erp_number_sequences" to platen_system;
