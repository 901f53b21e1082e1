-- Events received in the period, and how many of a source's consecutive numbers never came.
SELECT source, sum(received) AS received, sum(missing) AS missing
FROM
(
    SELECT source, toUInt64(sum(events)) AS received, toUInt64(0) AS missing
    FROM source_hours
    WHERE dataset = {dataset:String}
        AND hour >= toStartOfHour({since:DateTime64(6, 'UTC')}) AND hour <= {until:DateTime64(6, 'UTC')}
    GROUP BY source
    UNION ALL
    SELECT source, toUInt64(0) AS received, toUInt64(max(number) - min(number) + 1 - uniqExact(number)) AS missing
    FROM source_sequences
    WHERE dataset = {dataset:String}
        AND event_time >= {since:DateTime64(6, 'UTC')} AND event_time <= {until:DateTime64(6, 'UTC')}
    GROUP BY source
)
GROUP BY source
