-- Steps of a case from one system to the next: how many kept the correlation id of the step before, by hop, region and three hours.
-- Without any id before there is nothing to lose; where nobody tells ids, the trace stands for it.
WITH steps AS
(
    SELECT instance_id, region, type, event_time, system, correlation_id, trace_id,
        lagInFrame(system) OVER ordered AS system_before,
        lagInFrame(type) OVER ordered AS type_before,
        lagInFrame(correlation_id) OVER ordered AS correlation_before,
        lagInFrame(trace_id) OVER ordered AS trace_before
    FROM
    (
        SELECT instance_id, region, entry.2 AS position, type, event_time, splitByChar(':', source)[3] AS system, correlation_id, trace_id
        FROM
        (
            SELECT instance_id, region, arrayJoin(arrayZip(`events.hash`, arrayEnumerate(`events.hash`))) AS entry
            FROM instances FINAL
            WHERE dataset = {dataset:String}
        ) AS homes
        INNER JOIN
        (
            SELECT event_hash, any(type) AS type, any(business_events.event_time) AS event_time, any(source) AS source,
                any(correlation_id) AS correlation_id, any(trace_id) AS trace_id
            FROM business_events
            WHERE dataset = {dataset:String} AND origin != 'import' AND business_events.event_time <= {as_of:DateTime64(6, 'UTC')}
            GROUP BY event_hash
        ) AS told ON told.event_hash = entry.1
    )
    WINDOW ordered AS (PARTITION BY instance_id ORDER BY position ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
)
SELECT system_before, system, kind, region, toStartOfInterval(event_time, INTERVAL 3 HOUR) AS slot, count() AS steps, countIf(lost) AS losses,
    arraySort(groupArrayIf((event_time, instance_id, type), lost)) AS losers
FROM
(
    SELECT instance_id, region, type, event_time, system_before, system,
        if(correlation_before != '', 'correlation id', 'trace') AS kind,
        if(correlation_before != '', correlation_id != correlation_before, trace_id != trace_before) AS lost
    FROM steps
    WHERE system_before != '' AND system_before != system AND (correlation_before != '' OR trace_before != '')
)
GROUP BY system_before, system, kind, region, slot
ORDER BY system_before, system, kind, slot, region
