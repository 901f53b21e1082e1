-- The objects that the events of some segments speak of, or spoke of in an earlier version.
SELECT DISTINCT dataset, arrayJoin(arrayConcat(object_keys, links.from_key, links.to_key, [subject, sync_object])) AS object_key
FROM business_events
WHERE event_hash IN (SELECT event_hash FROM business_events WHERE segment IN {segments:Array(String)})
    AND object_key != ''
