DROP INDEX "res_refresh_tokens_expires_at_idx";
--> statement-breakpoint
CREATE INDEX "res_refresh_tokens_expires_at_idx" ON "res_refresh_tokens" USING brin ("expires_at");
