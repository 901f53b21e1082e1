-- The same for a dataset that holds events already: what is known, but by an earlier try of this very block, stays out.
INSERT INTO business_events
    (dataset, source, id, activity, subject, event_time, event_time_from, received_at, sequence, object_keys, object_types,
     object_qualifiers, actor_kind, actor_id, outcome, attempt, fields, data, origin)
SELECT
    dataset, source, id, activity, subject, event_time, event_time_from, now64(6), sequence, object_keys, object_types,
    object_qualifiers, 'unknown', actor_id, 'success', 1, fields, '{}', 'import'
FROM __SOURCE__
WHERE cityHash64(dataset, source, id) NOT IN
(
    SELECT event_hash
    FROM business_events
    WHERE dataset IN (SELECT dataset FROM imports WHERE startsWith(getSetting('insert_deduplication_token'), import_id))
        AND segment != getSetting('insert_deduplication_token')
)
