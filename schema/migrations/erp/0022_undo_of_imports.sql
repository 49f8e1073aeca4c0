-- An import that is undone takes away what it made; nothing else of these may be deleted.
grant delete on "erp_customers" to platen_app;
--> statement-breakpoint
create policy "platen_app_deletable" on "erp_customers" as restrictive for delete to platen_app
  using (exists (select 1 from dn_maps m where m.tenant_id = erp_customers.tenant_id and m.organization_id = erp_customers.organization_id
    and m.local_id = erp_customers.id and m.created_by_job_id is not null));
--> statement-breakpoint
grant delete on "erp_products" to platen_app;
--> statement-breakpoint
create policy "platen_app_deletable" on "erp_products" as restrictive for delete to platen_app
  using (exists (select 1 from dn_maps m where m.tenant_id = erp_products.tenant_id and m.organization_id = erp_products.organization_id
    and m.local_id = erp_products.id and m.created_by_job_id is not null));
--> statement-breakpoint
grant delete on "erp_product_variants" to platen_app;
--> statement-breakpoint
create policy "platen_app_deletable" on "erp_product_variants" as restrictive for delete to platen_app
  using (exists (select 1 from dn_maps m where m.tenant_id = erp_product_variants.tenant_id and m.organization_id = erp_product_variants.organization_id
    and m.local_id = erp_product_variants.id and m.created_by_job_id is not null));
--> statement-breakpoint
grant delete on "erp_orders" to platen_app;
--> statement-breakpoint
create policy "platen_app_deletable" on "erp_orders" as restrictive for delete to platen_app
  using (exists (select 1 from dn_maps m where m.tenant_id = erp_orders.tenant_id and m.organization_id = erp_orders.organization_id
    and m.local_id = erp_orders.id and m.created_by_job_id is not null));
--> statement-breakpoint
grant delete on "erp_order_payments" to platen_app;
--> statement-breakpoint
create policy "platen_app_deletable" on "erp_order_payments" as restrictive for delete to platen_app
  using (exists (select 1 from dn_maps m where m.tenant_id = erp_order_payments.tenant_id and m.organization_id = erp_order_payments.organization_id
    and m.local_id = erp_order_payments.order_id and m.created_by_job_id is not null));
--> statement-breakpoint
grant delete on "erp_order_status_changes" to platen_app;
--> statement-breakpoint
create policy "platen_app_deletable" on "erp_order_status_changes" as restrictive for delete to platen_app
  using (exists (select 1 from dn_maps m where m.tenant_id = erp_order_status_changes.tenant_id and m.organization_id = erp_order_status_changes.organization_id
    and m.local_id = erp_order_status_changes.order_id and m.created_by_job_id is not null));
