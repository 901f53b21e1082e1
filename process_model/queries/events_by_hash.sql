-- Every stored version of the events: which of them counts is chosen by who reads (contract 4).
SELECT
    event_hash, dataset, source, id, type, activity, subject, event_time, event_time_from, recorded_time,
    received_at, sequence, sequence_type, correlation_id, causation_id, trace_id, span_id, object_keys,
    object_types, object_qualifiers, region, business_unit, legal_entity, product_family, sales_channel,
    customer_tier, amount, currency, actor_kind, actor_id, outcome, error_type, attempt, idempotency_key,
    sync_from, sync_to, sync_object, exception_id, exception_class, exception_owner, rule_kind, rule_id,
    rule_version, due, payment_days, fields, data, origin, content_hash,
    links.from_key AS link_from_key, links.to_key AS link_to_key, links.kind AS link_kind,
    links.evidence AS link_evidence, links.basis AS link_basis, links.amount AS link_amount
FROM business_events
WHERE dataset = {dataset:String} AND event_hash IN {hashes:Array(UInt64)}
