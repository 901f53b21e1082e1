-- How many events of each source became known after an event that happened later, among those known since a moment.
SELECT source, countIf(event_time < newest_before) AS out_of_order
FROM
(
    SELECT source, event_time,
        max(event_time) OVER (
            PARTITION BY source ORDER BY known_at, event_time ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS newest_before
    FROM
    (
        SELECT source, event_time, ifNull(recorded_time, received_at) AS known_at
        FROM business_events
        WHERE dataset = {dataset:String} AND source != 'urn:otel:throughline'
    )
    WHERE known_at >= {since:DateTime64(6, 'UTC')} AND known_at < {until:DateTime64(6, 'UTC')}
)
GROUP BY source
