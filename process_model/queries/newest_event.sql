-- The newest event of a dataset by its own clock, and when our door last took one.
SELECT count() AS minutes, max(last_event_time) AS happened, max(last_received_at) AS received
FROM source_hours
WHERE dataset = {dataset:String}
