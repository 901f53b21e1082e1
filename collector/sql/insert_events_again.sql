-- Imported events (a JSON line each) into business_events; a version that is known, but by an earlier try of this very
-- block, stays out.
INSERT INTO business_events
    (dataset, source, id, type, activity, subject, event_time, event_time_from, recorded_time, received_at, sequence,
     sequence_type, correlation_id, causation_id, trace_id, span_id, object_keys, object_types, object_qualifiers,
     `links.from_key`, `links.to_key`, `links.kind`, `links.evidence`, `links.basis`, `links.amount`,
     region, business_unit, legal_entity, product_family, sales_channel, customer_tier, amount, currency,
     actor_kind, actor_id, outcome, error_type, attempt, idempotency_key, sync_from, sync_to, sync_object,
     exception_id, exception_class, exception_owner, rule_kind, rule_id, rule_version, due, payment_days, fields,
     data, origin, content_hash)
SELECT
    dataset, source, id, type, activity, subject, event_time, event_time_from, recorded_time, received_at, sequence,
    sequence_type, correlation_id, causation_id, trace_id, span_id, object_keys, object_types, object_qualifiers,
    links.from_key, links.to_key, links.kind, links.evidence, links.basis, links.amount,
    region, business_unit, legal_entity, product_family, sales_channel, customer_tier, amount, currency,
    actor_kind, actor_id, outcome, error_type, attempt, idempotency_key, sync_from, sync_to, sync_object,
    exception_id, exception_class, exception_owner, rule_kind, rule_id, rule_version, due, payment_days, fields,
    data, origin, content_hash
FROM __SOURCE__
WHERE (cityHash64(dataset, source, id), content_hash) NOT IN
(
    SELECT event_hash, content_hash
    FROM business_events
    WHERE dataset IN (SELECT dataset FROM imports WHERE startsWith(getSetting('insert_deduplication_token'), import_id))
        AND segment != getSetting('insert_deduplication_token')
)
