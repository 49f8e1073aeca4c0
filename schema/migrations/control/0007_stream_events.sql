CREATE INDEX "outbox_events_tenant_position_idx" ON "outbox_events" USING btree ("tenant_id","position") WHERE position is not null;
