-- How each source moved up to a moment: until when it told, and its active minutes by hour of the week (0 = Monday midnight UTC).
SELECT
    source,
    min(first_hour) AS first,
    least(max(last_event), {until:DateTime64(6, 'UTC')}) AS watermark,
    max(last_received) AS last_received_at,
    sum(active) AS minutes,
    CAST((groupArray(slot), groupArray(active)), 'Map(UInt8, UInt64)') AS week
FROM
(
    SELECT source, toUInt8((toDayOfWeek(hour) - 1) * 24 + toHour(hour)) AS slot, min(hour) AS first_hour,
        max(last_event) AS last_event, max(last_received) AS last_received, toUInt64(sum(bitCount(mask))) AS active
    FROM
    (
        SELECT source, hour, groupBitOr(minutes) AS mask, max(last_event_time) AS last_event, max(last_received_at) AS last_received
        FROM source_hours
        WHERE dataset = {dataset:String} AND hour <= {until:DateTime64(6, 'UTC')}
        GROUP BY source, hour
    )
    GROUP BY source, slot
)
GROUP BY source
ORDER BY source
