-- The objects that the events of some segments speak of, or spoke of in an earlier version.
SELECT DISTINCT dataset, object_key
FROM
(
    SELECT dataset,
        arrayJoin(arrayConcat(object_keys, links.from_key, arrayFilter((key, kind) -> kind != 'conversation', links.to_key, links.kind),
            [subject, sync_object])) AS object_key
    FROM business_events
    WHERE (dataset, event_hash) IN (SELECT dataset, event_hash FROM business_events WHERE segment IN {segments:Array(String)})
)
WHERE object_key != ''
