ALTER TABLE "tenant_domains" DROP CONSTRAINT "tenant_domains_domain_key";
--> statement-breakpoint
CREATE UNIQUE INDEX "tenant_domains_verified_key" ON "tenant_domains" USING btree ("domain") WHERE verified_at is not null;
--> statement-breakpoint
ALTER TABLE "tenant_domains" ADD CONSTRAINT "tenant_domains_domain_key" UNIQUE("tenant_id","domain");
