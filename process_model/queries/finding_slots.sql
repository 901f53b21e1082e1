-- How many events each source told of each region in each quarter of an hour.
SELECT source, region, toUnixTimestamp(toStartOfFifteenMinutes(event_time)) AS slot, uniqExact(event_hash) AS events,
    max(event_time) AS last_at, min(event_time) AS first_at
FROM business_events
WHERE dataset = {dataset:String} AND origin = 'event' AND event_time <= {as_of:DateTime64(6, 'UTC')}
GROUP BY source, region, slot
ORDER BY slot, source, region
