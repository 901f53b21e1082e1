-- What others than our spool wrote since a moment: rows without a token, such as the Collector's exporter writes.
SELECT count() AS blocks, max(recorded_at) AS latest
FROM stored_segments
WHERE kind IN ('traces', 'logs') AND segment = '' AND recorded_at >= {since:DateTime64(6, 'UTC')}
