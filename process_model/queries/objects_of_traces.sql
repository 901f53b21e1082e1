-- The objects that the spans of some traces name.
SELECT DISTINCT object_type, object_id, system
FROM span_objects
WHERE trace_id IN {trace_ids:Array(String)}
LIMIT 2000
