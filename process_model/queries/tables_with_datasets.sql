-- Every table that keeps rows of datasets, and whether a row names its segment.
SELECT table, toUInt8(countIf(name = 'segment')) AS has_segment
FROM system.columns
WHERE database = currentDatabase()
    AND table IN (SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree')
GROUP BY table
HAVING countIf(name = 'dataset') > 0
ORDER BY table = 'business_events' DESC, table
