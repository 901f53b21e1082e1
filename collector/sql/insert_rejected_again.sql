-- Imported input that was rejected (a JSON line each) into rejected_events.
INSERT INTO rejected_events (dataset, source, id, type, door, pointer, reason, detail, payload, received_at)
SELECT dataset, source, id, type, door, pointer, reason, detail, payload, received_at
FROM __SOURCE__
WHERE cityHash64(dataset, source, id, pointer, reason, payload) NOT IN
(
    SELECT cityHash64(dataset, source, id, pointer, reason, payload)
    FROM rejected_events
    WHERE dataset IN (SELECT dataset FROM imports WHERE startsWith(getSetting('insert_deduplication_token'), import_id))
        AND door = 'import' AND segment != getSetting('insert_deduplication_token')
)
