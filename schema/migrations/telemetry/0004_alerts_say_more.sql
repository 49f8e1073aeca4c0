ALTER TABLE "tel_alert_rules" DROP CONSTRAINT "tel_alert_rules_code_key";
--> statement-breakpoint
ALTER TABLE "tel_alerts" DROP CONSTRAINT "tel_alerts_resolved_check";
--> statement-breakpoint
ALTER TABLE "tel_alert_rules" ADD COLUMN "watched_from" timestamp (3) with time zone DEFAULT now() NOT NULL;
--> statement-breakpoint
ALTER TABLE "tel_alert_rules" ADD COLUMN "removed_at" timestamp (3) with time zone;
--> statement-breakpoint
ALTER TABLE "tel_alert_states" ADD COLUMN "peak" double precision;
--> statement-breakpoint
ALTER TABLE "tel_alerts" ADD COLUMN "resolution" text;
--> statement-breakpoint
ALTER TABLE "tel_alerts" ADD COLUMN "resolved_by" uuid;
--> statement-breakpoint
ALTER TABLE "tel_alerts" ADD COLUMN "peak" double precision;
--> statement-breakpoint
CREATE UNIQUE INDEX "tel_alert_rules_code_idx" ON "tel_alert_rules" USING btree ("tenant_id","organization_id","code") WHERE removed_at is null;
--> statement-breakpoint
ALTER TABLE "tel_alert_rules" ADD CONSTRAINT "tel_alert_rules_removed_check" CHECK (removed_at is null or not enabled);
--> statement-breakpoint
ALTER TABLE "tel_alerts" ADD CONSTRAINT "tel_alerts_resolution_check" CHECK ("resolution" in ('cleared', 'by_hand', 'rule_changed', 'rule_removed', 'device_disabled'));
--> statement-breakpoint
ALTER TABLE "tel_alerts" ADD CONSTRAINT "tel_alerts_resolved_check" CHECK ((resolved_at is null) = (status <> 'resolved') and (resolution is null) = (status <> 'resolved'));
