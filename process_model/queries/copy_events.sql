-- The events of a dataset that were known by a moment, every version of each, as events of another dataset.
INSERT INTO business_events
(
    dataset, source, id, type, activity, subject, event_time, event_time_from, recorded_time, received_at, sequence,
    sequence_type, correlation_id, causation_id, trace_id, span_id, object_keys, object_types, object_qualifiers,
    links.from_key, links.to_key, links.kind, links.evidence, links.basis, links.amount, region, business_unit,
    legal_entity, product_family, sales_channel, customer_tier, amount, currency, actor_kind, actor_id, outcome,
    error_type, attempt, idempotency_key, sync_from, sync_to, sync_object, exception_id, exception_class,
    exception_owner, rule_kind, rule_id, rule_version, due, payment_days, fields, data, origin, content_hash
)
SELECT
    {into:String}, source, id, type, activity, subject, event_time, event_time_from, recorded_time, received_at, sequence,
    sequence_type, correlation_id, causation_id, trace_id, span_id, object_keys, object_types, object_qualifiers,
    links.from_key, links.to_key, links.kind, links.evidence, links.basis, links.amount, region, business_unit,
    legal_entity, product_family, sales_channel, customer_tier, amount, currency, actor_kind, actor_id, outcome,
    error_type, attempt, idempotency_key, sync_from, sync_to, sync_object, exception_id, exception_class,
    exception_owner, rule_kind, rule_id, rule_version, due, payment_days, fields, data, origin, content_hash
FROM business_events
WHERE dataset = {dataset:String} AND ifNull(recorded_time, received_at) <= {known_by:DateTime64(6, 'UTC')}
