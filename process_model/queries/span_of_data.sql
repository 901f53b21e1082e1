-- How many instances a dataset has, and from when to when they lived.
SELECT count() AS instances, min(opened_at) AS first, max(last_event_at) AS last
FROM instances FINAL
WHERE dataset = {dataset:String}
