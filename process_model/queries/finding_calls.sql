-- What each source told of a topic that failed for technical reasons at least four times, in the order of time.
WITH calls AS
(
    SELECT splitByChar('.', type)[1] AS topic, source, event_hash, any(event_time) AS at, any(subject) AS about,
        max((endsWith(type, '.failed') OR outcome = 'failure')
            AND error_type NOT IN ('validation', 'business_rule', 'duplicate', 'schema_changed')) AS failed,
        any(error_type) AS error_class
    FROM business_events
    WHERE dataset = {dataset:String} AND event_time <= {as_of:DateTime64(6, 'UTC')}
        AND topic NOT IN ('sync', 'exception', 'message', 'compensation', 'task', 'ticket')
    GROUP BY topic, source, event_hash
)
SELECT topic, source, at, about, failed, error_class, homes.instance_id AS instance_id
FROM calls
LEFT JOIN
(
    SELECT instance_id, arrayJoin(`events.hash`) AS hash
    FROM instances FINAL
    WHERE dataset = {dataset:String}
) AS homes ON homes.hash = calls.event_hash AND calls.failed
WHERE (topic, source) IN (SELECT topic, source FROM calls GROUP BY topic, source HAVING sum(failed) >= 4)
ORDER BY topic, source, at, event_hash
LIMIT 1 BY topic, source, event_hash, instance_id
