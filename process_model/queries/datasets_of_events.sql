-- The datasets that have events.
SELECT DISTINCT dataset
FROM business_events
ORDER BY dataset
