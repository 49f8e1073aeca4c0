ALTER TABLE "tel_numbers" DROP CONSTRAINT "tel_numbers_kind_check";
--> statement-breakpoint
ALTER TABLE "tel_numbers" ALTER COLUMN "last_no" SET DATA TYPE bigint;
--> statement-breakpoint
ALTER TABLE "tel_latest" ADD COLUMN "roll_no" bigint DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "tel_readings_1m" ADD COLUMN "fell" double precision DEFAULT 0 NOT NULL;
--> statement-breakpoint
CREATE INDEX "tel_latest_roll_idx" ON "tel_latest" USING btree ("tenant_id","roll_no");
--> statement-breakpoint
ALTER TABLE "tel_numbers" ADD CONSTRAINT "tel_numbers_kind_check" CHECK ("kind" in ('device', 'metric', 'roll'));
--> statement-breakpoint
-- The views take what is new at their ends: an older release goes on with the columns it knows.
create or replace view tel_own_latest with (security_barrier = true, check_option = cascaded) as
select "tenant_id", "device_no", "metric_no", "ts", "value", "arrived_at", "roll_no" from tel_latest where tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid);
--> statement-breakpoint
create or replace view tel_own_readings_1m with (security_barrier = true, check_option = cascaded) as
select "tenant_id", "device_no", "metric_no", "bucket", "count", "sum", "min", "max", "first", "last", "first_ts", "last_ts", "increase", "arrived_at", "recomputes", "fell" from tel_readings_1m where tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid);
