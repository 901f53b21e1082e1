-- How each source moved up to a moment: what it told of, until when, and its active minutes by hour of the week
-- (0 = Monday midnight UTC).
SELECT
    source,
    min(hour) AS first,
    least(max(last_event), {until:DateTime64(6, 'UTC')}) AS watermark,
    max(last_received) AS last_received_at,
    sum(active) AS minutes,
    groupUniqArrayArray(told) AS types,
    sumMap(map(toUInt8((toDayOfWeek(hour) - 1) * 24 + toHour(hour)), toUInt64(active))) AS week
FROM
(
    SELECT source, hour, bitCount(groupBitOr(minutes)) AS active, max(last_event_time) AS last_event,
        max(last_received_at) AS last_received, groupUniqArray(toString(type)) AS told
    FROM source_hours
    WHERE dataset = {dataset:String} AND hour <= {until:DateTime64(6, 'UTC')}
    GROUP BY source, hour
)
GROUP BY source
ORDER BY source
