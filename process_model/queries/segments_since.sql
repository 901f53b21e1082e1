-- The segments of events that became known since a moment, oldest first.
SELECT segment, min(recorded_at) AS stored_at
FROM stored_segments
WHERE kind = 'events' AND recorded_at >= {since:DateTime64(6, 'UTC')}
GROUP BY segment
ORDER BY stored_at, segment
