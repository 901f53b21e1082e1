-- The segments of events, and the inserts of span links, that became known since a moment, oldest first.
SELECT kind, segment, min(stored_at) AS stored_at
FROM
(
    SELECT 'events' AS kind, segment, recorded_at AS stored_at
    FROM stored_segments
    WHERE kind = 'events' AND recorded_at >= {since:DateTime64(6, 'UTC')}
    UNION ALL
    -- rows that others wrote carry no token: their insert is known by its moment
    SELECT 'span links' AS kind, if(empty(segment), concat('@', toString(recorded_at)), segment) AS segment,
        recorded_at AS stored_at
    FROM trace_links
    WHERE recorded_at >= {since:DateTime64(6, 'UTC')}
)
GROUP BY kind, segment
ORDER BY stored_at, kind, segment
