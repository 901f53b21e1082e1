-- How late the events of each source became known in a period: the median and the 95th percentile in seconds, and how many
-- came more than 15 minutes after they happened.
SELECT source, sum(events) AS told, sum(late) AS late, quantilesTDigestMerge(0.5, 0.95)(delays) AS delays
FROM source_hours
WHERE dataset = {dataset:String}
    AND hour >= toStartOfHour({since:DateTime64(6, 'UTC')}) AND hour <= {until:DateTime64(6, 'UTC')}
GROUP BY source
