-- Every stored version of the events with what growth reads of them: the payload stays where it is.
SELECT
    event_hash, dataset, source, id, type, activity, subject, event_time, recorded_time, received_at, sequence, trace_id,
    object_keys, region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
    toString(amount) AS amount, currency, outcome, error_type, attempt, idempotency_key, sync_from, sync_to, sync_object,
    exception_id, exception_class, exception_owner, due, payment_days, origin, content_hash,
    arrayMap((from_key, to_key, kind, evidence, basis, amount) ->
        CAST((from_key, to_key, kind, evidence, basis, toString(amount)), 'Tuple(from_key String, to_key String, kind String,
            evidence String, basis String, amount Nullable(String))'),
        links.from_key, links.to_key, links.kind, links.evidence, links.basis, links.amount) AS links
FROM business_events
WHERE dataset = {dataset:String} AND event_hash IN {hashes:Array(UInt64)}
