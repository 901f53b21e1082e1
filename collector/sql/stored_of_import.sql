-- How many events the batches of one import have added.
SELECT sum(row_count) AS rows
FROM stored_segments
WHERE kind = 'events' AND startsWith(segment, {import_id:String})
