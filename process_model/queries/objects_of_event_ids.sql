-- The objects of the events that carry an id of a technical kind, and what it was taken for.
SELECT
    if(notEmpty(subject), arrayFilter(key -> notEmpty(key), [subject, sync_object]), object_keys) AS object_keys,
    multiIf(
        trace_id = {hex_id:String}, 'trace id', correlation_id = {any_id:String}, 'correlation id',
        id = {any_id:String}, 'event id', lower(span_id) = {hex_id:String}, 'span id', 'idempotency key') AS taken_as
FROM business_events
WHERE dataset = {dataset:String}
    AND (trace_id = {hex_id:String} OR correlation_id = {any_id:String} OR id = {any_id:String}
        OR lower(span_id) = {hex_id:String} OR idempotency_key = {any_id:String})
LIMIT 1000
