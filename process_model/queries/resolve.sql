-- The instances that an id of any kind belongs to, and what the id was taken for; the most exact reading first.
SELECT instance_id, min(found_rank) AS rank, argMin(found_as, found_rank) AS matched_as
FROM
(
    SELECT instance_id, 0 AS found_rank, 'case id' AS found_as
    FROM instances FINAL
    WHERE dataset = {dataset:String} AND instance_id = {any_id:String}
    UNION ALL
    SELECT new_id AS instance_id, 0 AS found_rank, 'case id' AS found_as
    FROM instance_redirects FINAL
    WHERE dataset = {dataset:String} AND old_id = {any_id:String}
    UNION ALL
    SELECT
        instance_id,
        if(key = {any_id:String}, 1, if(startsWith(key, 'customer:'), 4, 2)) AS found_rank,
        if(startsWith(key, 'customer:'), 'customer', concat(replaceAll(splitByChar(':', key)[1], '_', ' '), ' number')) AS found_as
    FROM
    (
        SELECT instance_id, arrayJoin(objects.key) AS key
        FROM instances FINAL
        WHERE dataset = {dataset:String}
    )
    WHERE key = {any_id:String} OR lower(decodeURLComponent(splitByChar(':', key)[3])) = lower({any_id:String})
    UNION ALL
    SELECT instance_id, 3 AS found_rank, as_what AS found_as
    FROM
    (
        SELECT instance_id, arrayJoin(events.hash) AS hash
        FROM instances FINAL
        WHERE dataset = {dataset:String}
    ) AS standing
    INNER JOIN
    (
        SELECT event_hash AS hash, any(multiIf(
            trace_id = {hex_id:String}, 'trace id', correlation_id = {any_id:String}, 'correlation id',
            id = {any_id:String}, 'event id', lower(span_id) = {hex_id:String}, 'span id', 'idempotency key')) AS as_what
        FROM business_events
        WHERE dataset = {dataset:String} AND {any_id:String} != ''
            AND (trace_id = {hex_id:String} OR correlation_id = {any_id:String} OR id = {any_id:String}
                OR lower(span_id) = {hex_id:String} OR idempotency_key = {any_id:String})
        GROUP BY event_hash
    ) AS told ON told.hash = standing.hash
)
GROUP BY instance_id
ORDER BY rank, instance_id
LIMIT 100
