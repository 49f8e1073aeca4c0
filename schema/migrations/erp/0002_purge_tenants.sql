-- The system role ends a tenant: it deletes the rows of the tenant that is set, and can read none of them.
create policy "platen_system_purge" on "erp_categories" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant delete on "erp_categories" to platen_system;
create policy "platen_system_purge" on "erp_products" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant delete on "erp_products" to platen_system;
create policy "platen_system_purge" on "erp_product_variants" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant delete on "erp_product_variants" to platen_system;
create policy "platen_system_purge" on "erp_customers" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant delete on "erp_customers" to platen_system;
create policy "platen_system_purge" on "erp_pricing_rule_sets" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant delete on "erp_pricing_rule_sets" to platen_system;
create policy "platen_system_purge" on "erp_pricing_rules" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant delete on "erp_pricing_rules" to platen_system;
create policy "platen_system_purge" on "erp_pricing_rule_set_versions" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant delete on "erp_pricing_rule_set_versions" to platen_system;
create policy "platen_system_purge" on "erp_tax_rates" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant delete on "erp_tax_rates" to platen_system;
create policy "platen_system_purge" on "erp_quotes" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant delete on "erp_quotes" to platen_system;
create policy "platen_system_purge" on "erp_quote_lines" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant delete on "erp_quote_lines" to platen_system;
create policy "platen_system_purge" on "erp_quote_line_sizes" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant delete on "erp_quote_line_sizes" to platen_system;
create policy "platen_system_purge" on "erp_orders" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant delete on "erp_orders" to platen_system;
create policy "platen_system_purge" on "erp_order_lines" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant delete on "erp_order_lines" to platen_system;
create policy "platen_system_purge" on "erp_order_line_sizes" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant delete on "erp_order_line_sizes" to platen_system;
create policy "platen_system_purge" on "erp_order_payments" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant delete on "erp_order_payments" to platen_system;
create policy "platen_system_purge" on "erp_order_status_changes" for delete to platen_system
  using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant delete on "erp_order_status_changes" to platen_system;
grant delete on "erp_number_sequences" to platen_system;
