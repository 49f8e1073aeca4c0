ALTER TABLE "platform_service_accounts" ADD COLUMN "seeded_secret_hash" text;
--> statement-breakpoint
ALTER TABLE "platform_service_accounts" ADD COLUMN "seeded_scopes" text[];

--> statement-breakpoint
-- Until now every seeding wrote both anew, so what they are is what the seeds gave. The owner is bound by its own policies.
ALTER TABLE "platform_service_accounts" NO FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
UPDATE "platform_service_accounts" SET "seeded_secret_hash" = "secret_hash", "seeded_scopes" = "scopes"
  WHERE "code" IN ('data-plane', 'erp-worker');
--> statement-breakpoint
ALTER TABLE "platform_service_accounts" FORCE ROW LEVEL SECURITY;
