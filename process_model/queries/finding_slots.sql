-- How many events each source told of each region in each quarter of an hour, and whether any of them was a step of the
-- process: retries and failures go on at night and are no sign of work, and neither is a load of master data.
SELECT source, region, toUnixTimestamp(toStartOfFifteenMinutes(event_time)) AS slot, uniqExact(event_hash) AS events,
    max(outcome != 'failure' AND splitByChar('.', type)[1] NOT IN ('sync', 'exception', 'message', 'compensation', 'ticket', 'customer')) AS works,
    max(event_time) AS last_at, min(event_time) AS first_at
FROM business_events
WHERE dataset = {dataset:String} AND origin = 'event' AND event_time <= {as_of:DateTime64(6, 'UTC')}
GROUP BY source, region, slot
ORDER BY slot, source, region
