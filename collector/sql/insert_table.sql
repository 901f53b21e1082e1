-- A block of rows of a case-based log (Arrow columns) into business_events. An id is a hash of the row's
-- content, so the content's own hash would say the same once more.
INSERT INTO business_events
    (dataset, source, id, activity, subject, event_time, event_time_from, received_at, sequence, object_keys, object_types,
     object_qualifiers, actor_kind, actor_id, outcome, attempt, fields, data, origin)
SELECT
    dataset, source, id, activity, subject, event_time, event_time_from, now64(6), sequence, object_keys, object_types,
    object_qualifiers, 'unknown', actor_id, 'success', 1, fields, '{}', 'import'
FROM __SOURCE__
