DROP INDEX "due_work_due_at_idx";
--> statement-breakpoint
CREATE INDEX "due_work_kind_due_at_idx" ON "due_work" USING btree ("kind","due_at");
