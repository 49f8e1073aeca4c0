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
CREATE INDEX "outbox_dead_letters_key_idx" ON "outbox_dead_letters" USING btree ("consumer","topic","key","position");
--> statement-breakpoint
CREATE INDEX "outbox_dead_letters_retry_idx" ON "outbox_dead_letters" USING btree ("consumer","retry_at") WHERE retry_at is not null;
