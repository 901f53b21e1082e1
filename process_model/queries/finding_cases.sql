-- Every case with what findings say of it: whose it is, what it is worth, which segments it lies in.
SELECT instance_id, leader_type, leader_number AS number, customer, region, business_unit, legal_entity, product_family,
    sales_channel, customer_tier, amount, currency, status, opened_at, last_event_at
FROM instances FINAL
WHERE dataset = {dataset:String}
