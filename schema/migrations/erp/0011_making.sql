CREATE TABLE "erp_stock_locations" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"position" integer DEFAULT 0 NOT NULL,
	"allow_negative" boolean DEFAULT false NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_stock_locations_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_stock_locations_code_key" UNIQUE("tenant_id","organization_id","code"),
	CONSTRAINT "erp_stock_locations_kind_check" CHECK ("kind" in ('internal', 'supplier', 'customer', 'production', 'loss', 'transit'))
);

--> statement-breakpoint
CREATE TABLE "erp_stock_levels" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"location_id" uuid NOT NULL,
	"variant_id" uuid NOT NULL,
	"on_hand" numeric(18, 4) NOT NULL,
	"reserved" numeric(18, 4) DEFAULT '0' NOT NULL,
	"allow_negative" boolean NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_stock_levels_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_stock_levels_variant_key" UNIQUE("tenant_id","organization_id","variant_id","location_id"),
	CONSTRAINT "erp_stock_levels_on_hand_check" CHECK (allow_negative or on_hand >= 0),
	CONSTRAINT "erp_stock_levels_reserved_check" CHECK (reserved >= 0 and reserved <= greatest(on_hand, 0))
);

--> statement-breakpoint
CREATE TABLE "erp_stock_moves" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"variant_id" uuid NOT NULL,
	"from_location_id" uuid NOT NULL,
	"to_location_id" uuid NOT NULL,
	"quantity" numeric(18, 4) NOT NULL,
	"kind" text NOT NULL,
	"source_type" text NOT NULL,
	"source_id" uuid NOT NULL,
	"order_id" uuid,
	"order_line_size_id" uuid,
	"reason" text,
	"made_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_stock_moves_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_stock_moves_kind_check" CHECK ("kind" in ('receipt', 'adjustment', 'transfer', 'consumption', 'give_back', 'write_off', 'scrap', 'reprint', 'shipment')),
	CONSTRAINT "erp_stock_moves_source_type_check" CHECK ("source_type" in ('purchase_receipt', 'adjustment', 'transfer', 'order', 'production_job')),
	CONSTRAINT "erp_stock_moves_quantity_check" CHECK (quantity > 0),
	CONSTRAINT "erp_stock_moves_ends_check" CHECK (from_location_id <> to_location_id)
);

--> statement-breakpoint
CREATE TABLE "erp_stock_reservations" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"order_line_size_id" uuid NOT NULL,
	"location_id" uuid NOT NULL,
	"variant_id" uuid NOT NULL,
	"quantity" numeric(18, 4) NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_stock_reservations_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_stock_reservations_size_key" UNIQUE("tenant_id","organization_id","order_line_size_id","location_id"),
	CONSTRAINT "erp_stock_reservations_quantity_check" CHECK (quantity > 0)
);

--> statement-breakpoint
CREATE TABLE "erp_supplier_variants" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"supplier_id" uuid NOT NULL,
	"variant_id" uuid NOT NULL,
	"sku" text,
	"cost" numeric(18, 4) NOT NULL,
	"lead_days" integer NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_supplier_variants_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_supplier_variants_variant_key" UNIQUE("tenant_id","organization_id","variant_id","supplier_id"),
	CONSTRAINT "erp_supplier_variants_cost_check" CHECK (cost >= 0),
	CONSTRAINT "erp_supplier_variants_lead_days_check" CHECK (lead_days between 0 and 365)
);

--> statement-breakpoint
CREATE TABLE "erp_purchase_orders" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"number" text,
	"status" text DEFAULT 'draft' NOT NULL,
	"supplier_id" uuid NOT NULL,
	"location_id" uuid NOT NULL,
	"currency" char(3) NOT NULL,
	"total" numeric(18, 4) NOT NULL,
	"expected_on" date,
	"note" text,
	"submitted_by" uuid,
	"submitted_at" timestamp (3) with time zone,
	"approved_by" uuid,
	"approved_at" timestamp (3) with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_purchase_orders_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_purchase_orders_number_key" UNIQUE("tenant_id","organization_id","number"),
	CONSTRAINT "erp_purchase_orders_status_check" CHECK ("status" in ('draft', 'submitted', 'approved', 'rejected', 'partially_received', 'received', 'closed', 'cancelled'))
);

--> statement-breakpoint
CREATE TABLE "erp_purchase_order_lines" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"purchase_order_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"variant_id" uuid NOT NULL,
	"supplier_sku" text,
	"ordered_quantity" numeric(18, 4) NOT NULL,
	"received_quantity" numeric(18, 4) DEFAULT '0' NOT NULL,
	"billed_quantity" numeric(18, 4) DEFAULT '0' NOT NULL,
	"unit_cost" numeric(18, 4) NOT NULL,
	"line_total" numeric(18, 4) NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_purchase_order_lines_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_purchase_order_lines_position_key" UNIQUE("tenant_id","organization_id","purchase_order_id","position"),
	CONSTRAINT "erp_purchase_order_lines_ordered_check" CHECK (ordered_quantity > 0),
	CONSTRAINT "erp_purchase_order_lines_received_check" CHECK (received_quantity >= 0),
	CONSTRAINT "erp_purchase_order_lines_billed_check" CHECK (billed_quantity >= 0)
);

--> statement-breakpoint
CREATE TABLE "erp_purchase_order_status_changes" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"purchase_order_id" uuid NOT NULL,
	"from_status" text,
	"to_status" text NOT NULL,
	"changed_by" uuid NOT NULL,
	"reason" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_purchase_order_status_changes_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_purchase_order_status_changes_from_status_check" CHECK ("from_status" in ('draft', 'submitted', 'approved', 'rejected', 'partially_received', 'received', 'closed', 'cancelled')),
	CONSTRAINT "erp_purchase_order_status_changes_to_status_check" CHECK ("to_status" in ('draft', 'submitted', 'approved', 'rejected', 'partially_received', 'received', 'closed', 'cancelled'))
);

--> statement-breakpoint
CREATE TABLE "erp_purchase_receipts" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"purchase_order_id" uuid NOT NULL,
	"location_id" uuid NOT NULL,
	"reference" text,
	"received_on" date NOT NULL,
	"received_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_purchase_receipts_pkey" PRIMARY KEY("tenant_id","organization_id","id")
);

--> statement-breakpoint
CREATE TABLE "erp_purchase_receipt_lines" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"receipt_id" uuid NOT NULL,
	"purchase_order_line_id" uuid NOT NULL,
	"quantity" numeric(18, 4) NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_purchase_receipt_lines_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_purchase_receipt_lines_line_key" UNIQUE("tenant_id","organization_id","receipt_id","purchase_order_line_id"),
	CONSTRAINT "erp_purchase_receipt_lines_quantity_check" CHECK (quantity > 0)
);

--> statement-breakpoint
CREATE TABLE "erp_purchase_bills" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"purchase_order_id" uuid NOT NULL,
	"supplier_id" uuid NOT NULL,
	"reference" text NOT NULL,
	"billed_on" date NOT NULL,
	"due_on" date,
	"total" numeric(18, 4) NOT NULL,
	"recorded_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_purchase_bills_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_purchase_bills_reference_key" UNIQUE("tenant_id","organization_id","supplier_id","reference")
);

--> statement-breakpoint
CREATE TABLE "erp_purchase_bill_lines" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"bill_id" uuid NOT NULL,
	"purchase_order_line_id" uuid NOT NULL,
	"quantity" numeric(18, 4) NOT NULL,
	"unit_cost" numeric(18, 4) NOT NULL,
	"line_total" numeric(18, 4) NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_purchase_bill_lines_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_purchase_bill_lines_line_key" UNIQUE("tenant_id","organization_id","bill_id","purchase_order_line_id"),
	CONSTRAINT "erp_purchase_bill_lines_quantity_check" CHECK (quantity > 0),
	CONSTRAINT "erp_purchase_bill_lines_unit_cost_check" CHECK (unit_cost >= 0)
);

--> statement-breakpoint
CREATE TABLE "erp_production_stages" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"position" integer NOT NULL,
	"wip_limit" integer,
	"wip_policy" text DEFAULT 'warn' NOT NULL,
	"requires_artwork" boolean DEFAULT false NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_production_stages_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_production_stages_code_key" UNIQUE("tenant_id","organization_id","code"),
	CONSTRAINT "erp_production_stages_wip_policy_check" CHECK ("wip_policy" in ('warn', 'block')),
	CONSTRAINT "erp_production_stages_wip_limit_check" CHECK (wip_limit > 0)
);

--> statement-breakpoint
CREATE TABLE "erp_production_jobs" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"number" text NOT NULL,
	"status" text DEFAULT 'open' NOT NULL,
	"order_id" uuid NOT NULL,
	"order_line_id" uuid NOT NULL,
	"stage_id" uuid NOT NULL,
	"rank" text collate "C",
	"priority" text DEFAULT 'normal' NOT NULL,
	"due_on" date,
	"quantity" numeric(18, 4) NOT NULL,
	"quantity_done" numeric(18, 4) DEFAULT '0' NOT NULL,
	"quantity_scrapped" numeric(18, 4) DEFAULT '0' NOT NULL,
	"reprint_of" uuid,
	"note" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_production_jobs_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_production_jobs_number_key" UNIQUE("tenant_id","organization_id","number"),
	CONSTRAINT "erp_production_jobs_rank_key" UNIQUE("tenant_id","organization_id","stage_id","rank"),
	CONSTRAINT "erp_production_jobs_status_check" CHECK ("status" in ('open', 'done', 'cancelled')),
	CONSTRAINT "erp_production_jobs_priority_check" CHECK ("priority" in ('low', 'normal', 'high', 'urgent')),
	CONSTRAINT "erp_production_jobs_quantity_check" CHECK (quantity > 0),
	CONSTRAINT "erp_production_jobs_done_check" CHECK (quantity_done >= 0 and quantity_done + quantity_scrapped <= quantity),
	CONSTRAINT "erp_production_jobs_scrapped_check" CHECK (quantity_scrapped >= 0),
	CONSTRAINT "erp_production_jobs_board_check" CHECK ((rank is not null) = (status = 'open'))
);

--> statement-breakpoint
CREATE TABLE "erp_production_job_designs" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"job_id" uuid NOT NULL,
	"design_id" uuid NOT NULL,
	"approved_hash" text,
	"approved_by" uuid,
	"approved_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_production_job_designs_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_production_job_designs_design_key" UNIQUE("tenant_id","organization_id","job_id","design_id")
);

--> statement-breakpoint
CREATE TABLE "erp_production_job_events" (
	"tenant_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"workspace_id" uuid,
	"id" uuid NOT NULL,
	"job_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"from_stage_id" uuid,
	"to_stage_id" uuid,
	"quantity" numeric(18, 4),
	"reason" text,
	"made_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erp_production_job_events_pkey" PRIMARY KEY("tenant_id","organization_id","id"),
	CONSTRAINT "erp_production_job_events_kind_check" CHECK ("kind" in ('created', 'changed', 'moved', 'artwork_approved', 'pieces_done', 'pieces_scrapped', 'reprint_made', 'done', 'cancelled'))
);

--> statement-breakpoint
ALTER TABLE "erp_number_sequences" DROP CONSTRAINT "erp_number_sequences_kind_check";
--> statement-breakpoint
ALTER TABLE "erp_order_line_sizes" ADD COLUMN "open_quantity" numeric(18, 4) DEFAULT '0' NOT NULL;
--> statement-breakpoint
ALTER TABLE "erp_order_line_sizes" ADD COLUMN "reserved_quantity" numeric(18, 4) DEFAULT '0' NOT NULL;
--> statement-breakpoint
ALTER TABLE "erp_stock_levels" ADD CONSTRAINT "erp_stock_levels_location_fkey" FOREIGN KEY ("tenant_id","organization_id","location_id") REFERENCES "public"."erp_stock_locations"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_stock_levels" ADD CONSTRAINT "erp_stock_levels_variant_fkey" FOREIGN KEY ("tenant_id","organization_id","variant_id") REFERENCES "public"."erp_product_variants"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_stock_moves" ADD CONSTRAINT "erp_stock_moves_variant_fkey" FOREIGN KEY ("tenant_id","organization_id","variant_id") REFERENCES "public"."erp_product_variants"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_stock_moves" ADD CONSTRAINT "erp_stock_moves_from_fkey" FOREIGN KEY ("tenant_id","organization_id","from_location_id") REFERENCES "public"."erp_stock_locations"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_stock_moves" ADD CONSTRAINT "erp_stock_moves_to_fkey" FOREIGN KEY ("tenant_id","organization_id","to_location_id") REFERENCES "public"."erp_stock_locations"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_stock_moves" ADD CONSTRAINT "erp_stock_moves_order_fkey" FOREIGN KEY ("tenant_id","organization_id","order_id") REFERENCES "public"."erp_orders"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_stock_moves" ADD CONSTRAINT "erp_stock_moves_size_fkey" FOREIGN KEY ("tenant_id","organization_id","order_line_size_id") REFERENCES "public"."erp_order_line_sizes"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_stock_reservations" ADD CONSTRAINT "erp_stock_reservations_size_fkey" FOREIGN KEY ("tenant_id","organization_id","order_line_size_id") REFERENCES "public"."erp_order_line_sizes"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_stock_reservations" ADD CONSTRAINT "erp_stock_reservations_level_fkey" FOREIGN KEY ("tenant_id","organization_id","variant_id","location_id") REFERENCES "public"."erp_stock_levels"("tenant_id","organization_id","variant_id","location_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_supplier_variants" ADD CONSTRAINT "erp_supplier_variants_supplier_fkey" FOREIGN KEY ("tenant_id","organization_id","supplier_id") REFERENCES "public"."erp_suppliers"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_supplier_variants" ADD CONSTRAINT "erp_supplier_variants_variant_fkey" FOREIGN KEY ("tenant_id","organization_id","variant_id") REFERENCES "public"."erp_product_variants"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_purchase_orders" ADD CONSTRAINT "erp_purchase_orders_supplier_fkey" FOREIGN KEY ("tenant_id","organization_id","supplier_id") REFERENCES "public"."erp_suppliers"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_purchase_orders" ADD CONSTRAINT "erp_purchase_orders_location_fkey" FOREIGN KEY ("tenant_id","organization_id","location_id") REFERENCES "public"."erp_stock_locations"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_purchase_order_lines" ADD CONSTRAINT "erp_purchase_order_lines_order_fkey" FOREIGN KEY ("tenant_id","organization_id","purchase_order_id") REFERENCES "public"."erp_purchase_orders"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_purchase_order_lines" ADD CONSTRAINT "erp_purchase_order_lines_variant_fkey" FOREIGN KEY ("tenant_id","organization_id","variant_id") REFERENCES "public"."erp_product_variants"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_purchase_order_status_changes" ADD CONSTRAINT "erp_purchase_order_status_changes_order_fkey" FOREIGN KEY ("tenant_id","organization_id","purchase_order_id") REFERENCES "public"."erp_purchase_orders"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_purchase_receipts" ADD CONSTRAINT "erp_purchase_receipts_order_fkey" FOREIGN KEY ("tenant_id","organization_id","purchase_order_id") REFERENCES "public"."erp_purchase_orders"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_purchase_receipts" ADD CONSTRAINT "erp_purchase_receipts_location_fkey" FOREIGN KEY ("tenant_id","organization_id","location_id") REFERENCES "public"."erp_stock_locations"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_purchase_receipt_lines" ADD CONSTRAINT "erp_purchase_receipt_lines_receipt_fkey" FOREIGN KEY ("tenant_id","organization_id","receipt_id") REFERENCES "public"."erp_purchase_receipts"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_purchase_receipt_lines" ADD CONSTRAINT "erp_purchase_receipt_lines_line_fkey" FOREIGN KEY ("tenant_id","organization_id","purchase_order_line_id") REFERENCES "public"."erp_purchase_order_lines"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_purchase_bills" ADD CONSTRAINT "erp_purchase_bills_order_fkey" FOREIGN KEY ("tenant_id","organization_id","purchase_order_id") REFERENCES "public"."erp_purchase_orders"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_purchase_bills" ADD CONSTRAINT "erp_purchase_bills_supplier_fkey" FOREIGN KEY ("tenant_id","organization_id","supplier_id") REFERENCES "public"."erp_suppliers"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_purchase_bill_lines" ADD CONSTRAINT "erp_purchase_bill_lines_bill_fkey" FOREIGN KEY ("tenant_id","organization_id","bill_id") REFERENCES "public"."erp_purchase_bills"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_purchase_bill_lines" ADD CONSTRAINT "erp_purchase_bill_lines_line_fkey" FOREIGN KEY ("tenant_id","organization_id","purchase_order_line_id") REFERENCES "public"."erp_purchase_order_lines"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_production_jobs" ADD CONSTRAINT "erp_production_jobs_order_fkey" FOREIGN KEY ("tenant_id","organization_id","order_id") REFERENCES "public"."erp_orders"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_production_jobs" ADD CONSTRAINT "erp_production_jobs_line_fkey" FOREIGN KEY ("tenant_id","organization_id","order_line_id") REFERENCES "public"."erp_order_lines"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_production_jobs" ADD CONSTRAINT "erp_production_jobs_stage_fkey" FOREIGN KEY ("tenant_id","organization_id","stage_id") REFERENCES "public"."erp_production_stages"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_production_jobs" ADD CONSTRAINT "erp_production_jobs_reprint_fkey" FOREIGN KEY ("tenant_id","organization_id","reprint_of") REFERENCES "public"."erp_production_jobs"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_production_job_designs" ADD CONSTRAINT "erp_production_job_designs_job_fkey" FOREIGN KEY ("tenant_id","organization_id","job_id") REFERENCES "public"."erp_production_jobs"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_production_job_designs" ADD CONSTRAINT "erp_production_job_designs_design_fkey" FOREIGN KEY ("tenant_id","organization_id","design_id") REFERENCES "public"."erp_designs"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "erp_production_job_events" ADD CONSTRAINT "erp_production_job_events_job_fkey" FOREIGN KEY ("tenant_id","organization_id","job_id") REFERENCES "public"."erp_production_jobs"("tenant_id","organization_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "erp_stock_levels_location_idx" ON "erp_stock_levels" USING btree ("tenant_id","organization_id","location_id","id");
--> statement-breakpoint
CREATE INDEX "erp_stock_moves_variant_idx" ON "erp_stock_moves" USING btree ("tenant_id","organization_id","variant_id","id");
--> statement-breakpoint
CREATE INDEX "erp_stock_moves_source_idx" ON "erp_stock_moves" USING btree ("tenant_id","organization_id","source_id","id");
--> statement-breakpoint
CREATE INDEX "erp_stock_moves_from_idx" ON "erp_stock_moves" USING btree ("tenant_id","organization_id","from_location_id","id");
--> statement-breakpoint
CREATE INDEX "erp_stock_moves_to_idx" ON "erp_stock_moves" USING btree ("tenant_id","organization_id","to_location_id","id");
--> statement-breakpoint
CREATE INDEX "erp_stock_moves_order_idx" ON "erp_stock_moves" USING btree ("tenant_id","organization_id","order_id","id") WHERE order_id is not null;
--> statement-breakpoint
CREATE INDEX "erp_stock_reservations_level_idx" ON "erp_stock_reservations" USING btree ("tenant_id","organization_id","variant_id","location_id","id");
--> statement-breakpoint
CREATE INDEX "erp_supplier_variants_supplier_idx" ON "erp_supplier_variants" USING btree ("tenant_id","organization_id","supplier_id","id");
--> statement-breakpoint
CREATE INDEX "erp_purchase_orders_created_idx" ON "erp_purchase_orders" USING btree ("tenant_id","organization_id","created_at","id");
--> statement-breakpoint
CREATE INDEX "erp_purchase_orders_status_idx" ON "erp_purchase_orders" USING btree ("tenant_id","organization_id","status","created_at","id");
--> statement-breakpoint
CREATE INDEX "erp_purchase_orders_supplier_idx" ON "erp_purchase_orders" USING btree ("tenant_id","organization_id","supplier_id","created_at","id");
--> statement-breakpoint
CREATE INDEX "erp_purchase_orders_number_prefix_idx" ON "erp_purchase_orders" USING btree ("tenant_id","organization_id","number" text_pattern_ops) WHERE number is not null;
--> statement-breakpoint
CREATE INDEX "erp_purchase_order_lines_variant_idx" ON "erp_purchase_order_lines" USING btree ("tenant_id","organization_id","variant_id","id");
--> statement-breakpoint
CREATE INDEX "erp_purchase_order_status_changes_order_idx" ON "erp_purchase_order_status_changes" USING btree ("tenant_id","organization_id","purchase_order_id","id");
--> statement-breakpoint
CREATE INDEX "erp_purchase_receipts_order_idx" ON "erp_purchase_receipts" USING btree ("tenant_id","organization_id","purchase_order_id","id");
--> statement-breakpoint
CREATE INDEX "erp_purchase_receipt_lines_order_line_idx" ON "erp_purchase_receipt_lines" USING btree ("tenant_id","organization_id","purchase_order_line_id","id");
--> statement-breakpoint
CREATE INDEX "erp_purchase_bills_order_idx" ON "erp_purchase_bills" USING btree ("tenant_id","organization_id","purchase_order_id","id");
--> statement-breakpoint
CREATE INDEX "erp_purchase_bill_lines_order_line_idx" ON "erp_purchase_bill_lines" USING btree ("tenant_id","organization_id","purchase_order_line_id","id");
--> statement-breakpoint
CREATE INDEX "erp_production_jobs_order_idx" ON "erp_production_jobs" USING btree ("tenant_id","organization_id","order_id","id");
--> statement-breakpoint
CREATE INDEX "erp_production_jobs_line_idx" ON "erp_production_jobs" USING btree ("tenant_id","organization_id","order_line_id","id");
--> statement-breakpoint
CREATE INDEX "erp_production_jobs_created_idx" ON "erp_production_jobs" USING btree ("tenant_id","organization_id","created_at","id");
--> statement-breakpoint
CREATE INDEX "erp_production_job_designs_design_idx" ON "erp_production_job_designs" USING btree ("tenant_id","organization_id","design_id","id");
--> statement-breakpoint
CREATE INDEX "erp_production_job_events_job_idx" ON "erp_production_job_events" USING btree ("tenant_id","organization_id","job_id","id");
--> statement-breakpoint
CREATE INDEX "erp_order_line_sizes_short_idx" ON "erp_order_line_sizes" USING btree ("tenant_id","organization_id","variant_id","id") WHERE open_quantity > reserved_quantity;
--> statement-breakpoint
ALTER TABLE "erp_order_line_sizes" ADD CONSTRAINT "erp_order_line_sizes_open_check" CHECK (open_quantity >= 0 and open_quantity <= quantity);
--> statement-breakpoint
ALTER TABLE "erp_order_line_sizes" ADD CONSTRAINT "erp_order_line_sizes_reserved_check" CHECK (reserved_quantity >= 0 and reserved_quantity <= open_quantity);
--> statement-breakpoint
ALTER TABLE "erp_number_sequences" ADD CONSTRAINT "erp_number_sequences_kind_check" CHECK ("kind" in ('quote', 'order', 'purchase_order'));
--> statement-breakpoint
alter table "erp_stock_locations" enable row level security;
alter table "erp_stock_locations" force row level security;
create policy "platen_app_all" on "erp_stock_locations" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "erp_stock_locations" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update on "erp_stock_locations" to platen_app;
grant delete on "erp_stock_locations" to platen_system;
create statistics "erp_stock_locations_owner" (dependencies) on tenant_id, organization_id from "erp_stock_locations";
--> statement-breakpoint
alter table "erp_stock_levels" enable row level security;
alter table "erp_stock_levels" force row level security;
create policy "platen_app_all" on "erp_stock_levels" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "erp_stock_levels" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update on "erp_stock_levels" to platen_app;
grant delete on "erp_stock_levels" to platen_system;
create statistics "erp_stock_levels_owner" (dependencies) on tenant_id, organization_id from "erp_stock_levels";
--> statement-breakpoint
alter table "erp_stock_moves" enable row level security;
alter table "erp_stock_moves" force row level security;
create policy "platen_app_all" on "erp_stock_moves" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "erp_stock_moves" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert on "erp_stock_moves" to platen_app;
grant delete on "erp_stock_moves" to platen_system;
create statistics "erp_stock_moves_owner" (dependencies) on tenant_id, organization_id from "erp_stock_moves";
--> statement-breakpoint
alter table "erp_stock_reservations" enable row level security;
alter table "erp_stock_reservations" force row level security;
create policy "platen_app_all" on "erp_stock_reservations" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "erp_stock_reservations" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on "erp_stock_reservations" to platen_app;
grant delete on "erp_stock_reservations" to platen_system;
create statistics "erp_stock_reservations_owner" (dependencies) on tenant_id, organization_id from "erp_stock_reservations";
--> statement-breakpoint
alter table "erp_supplier_variants" enable row level security;
alter table "erp_supplier_variants" force row level security;
create policy "platen_app_all" on "erp_supplier_variants" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "erp_supplier_variants" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on "erp_supplier_variants" to platen_app;
grant delete on "erp_supplier_variants" to platen_system;
create statistics "erp_supplier_variants_owner" (dependencies) on tenant_id, organization_id from "erp_supplier_variants";
--> statement-breakpoint
alter table "erp_purchase_orders" enable row level security;
alter table "erp_purchase_orders" force row level security;
create policy "platen_app_select" on "erp_purchase_orders" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "erp_purchase_orders" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "erp_purchase_orders" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "erp_purchase_orders" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "erp_purchase_orders" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update on "erp_purchase_orders" to platen_app;
grant delete on "erp_purchase_orders" to platen_system;
create statistics "erp_purchase_orders_owner" (dependencies) on tenant_id, organization_id from "erp_purchase_orders";
--> statement-breakpoint
alter table "erp_purchase_order_lines" enable row level security;
alter table "erp_purchase_order_lines" force row level security;
create policy "platen_app_select" on "erp_purchase_order_lines" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "erp_purchase_order_lines" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "erp_purchase_order_lines" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "erp_purchase_order_lines" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "erp_purchase_order_lines" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on "erp_purchase_order_lines" to platen_app;
grant delete on "erp_purchase_order_lines" to platen_system;
create statistics "erp_purchase_order_lines_owner" (dependencies) on tenant_id, organization_id from "erp_purchase_order_lines";
--> statement-breakpoint
alter table "erp_purchase_order_status_changes" enable row level security;
alter table "erp_purchase_order_status_changes" force row level security;
create policy "platen_app_select" on "erp_purchase_order_status_changes" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "erp_purchase_order_status_changes" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "erp_purchase_order_status_changes" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "erp_purchase_order_status_changes" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "erp_purchase_order_status_changes" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert on "erp_purchase_order_status_changes" to platen_app;
grant delete on "erp_purchase_order_status_changes" to platen_system;
create statistics "erp_purchase_order_status_changes_owner" (dependencies) on tenant_id, organization_id from "erp_purchase_order_status_changes";
--> statement-breakpoint
alter table "erp_purchase_receipts" enable row level security;
alter table "erp_purchase_receipts" force row level security;
create policy "platen_app_select" on "erp_purchase_receipts" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "erp_purchase_receipts" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "erp_purchase_receipts" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "erp_purchase_receipts" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "erp_purchase_receipts" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert on "erp_purchase_receipts" to platen_app;
grant delete on "erp_purchase_receipts" to platen_system;
create statistics "erp_purchase_receipts_owner" (dependencies) on tenant_id, organization_id from "erp_purchase_receipts";
--> statement-breakpoint
alter table "erp_purchase_receipt_lines" enable row level security;
alter table "erp_purchase_receipt_lines" force row level security;
create policy "platen_app_select" on "erp_purchase_receipt_lines" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "erp_purchase_receipt_lines" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "erp_purchase_receipt_lines" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "erp_purchase_receipt_lines" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "erp_purchase_receipt_lines" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert on "erp_purchase_receipt_lines" to platen_app;
grant delete on "erp_purchase_receipt_lines" to platen_system;
create statistics "erp_purchase_receipt_lines_owner" (dependencies) on tenant_id, organization_id from "erp_purchase_receipt_lines";
--> statement-breakpoint
alter table "erp_purchase_bills" enable row level security;
alter table "erp_purchase_bills" force row level security;
create policy "platen_app_select" on "erp_purchase_bills" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "erp_purchase_bills" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "erp_purchase_bills" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "erp_purchase_bills" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "erp_purchase_bills" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert on "erp_purchase_bills" to platen_app;
grant delete on "erp_purchase_bills" to platen_system;
create statistics "erp_purchase_bills_owner" (dependencies) on tenant_id, organization_id from "erp_purchase_bills";
--> statement-breakpoint
alter table "erp_purchase_bill_lines" enable row level security;
alter table "erp_purchase_bill_lines" force row level security;
create policy "platen_app_select" on "erp_purchase_bill_lines" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "erp_purchase_bill_lines" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "erp_purchase_bill_lines" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "erp_purchase_bill_lines" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "erp_purchase_bill_lines" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert on "erp_purchase_bill_lines" to platen_app;
grant delete on "erp_purchase_bill_lines" to platen_system;
create statistics "erp_purchase_bill_lines_owner" (dependencies) on tenant_id, organization_id from "erp_purchase_bill_lines";
--> statement-breakpoint
alter table "erp_production_stages" enable row level security;
alter table "erp_production_stages" force row level security;
create policy "platen_app_all" on "erp_production_stages" for all to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "erp_production_stages" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on "erp_production_stages" to platen_app;
grant delete on "erp_production_stages" to platen_system;
create statistics "erp_production_stages_owner" (dependencies) on tenant_id, organization_id from "erp_production_stages";
--> statement-breakpoint
alter table "erp_production_jobs" enable row level security;
alter table "erp_production_jobs" force row level security;
create policy "platen_app_select" on "erp_production_jobs" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "erp_production_jobs" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "erp_production_jobs" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "erp_production_jobs" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "erp_production_jobs" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update on "erp_production_jobs" to platen_app;
grant delete on "erp_production_jobs" to platen_system;
create statistics "erp_production_jobs_owner" (dependencies) on tenant_id, organization_id from "erp_production_jobs";
--> statement-breakpoint
alter table "erp_production_job_designs" enable row level security;
alter table "erp_production_job_designs" force row level security;
create policy "platen_app_select" on "erp_production_job_designs" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "erp_production_job_designs" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "erp_production_job_designs" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "erp_production_job_designs" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "erp_production_job_designs" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update on "erp_production_job_designs" to platen_app;
grant delete on "erp_production_job_designs" to platen_system;
create statistics "erp_production_job_designs_owner" (dependencies) on tenant_id, organization_id from "erp_production_job_designs";
--> statement-breakpoint
alter table "erp_production_job_events" enable row level security;
alter table "erp_production_job_events" force row level security;
create policy "platen_app_select" on "erp_production_job_events" for select to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_insert" on "erp_production_job_events" for insert to platen_app
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_update" on "erp_production_job_events" for update to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)))
  with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_app_delete" on "erp_production_job_events" for delete to platen_app
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid) and organization_id = (select nullif(current_setting('app.organization_id', true), '')::uuid) and ((select nullif(current_setting('app.workspace_id', true), '')::uuid) is null or workspace_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid)));
create policy "platen_system_purge" on "erp_production_job_events" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert on "erp_production_job_events" to platen_app;
grant delete on "erp_production_job_events" to platen_system;
create statistics "erp_production_job_events_owner" (dependencies) on tenant_id, organization_id from "erp_production_job_events";
