-- The traces that span links join to some traces; of a trace that joins a whole batch only enough to tell.
SELECT DISTINCT trace_id, other_trace_id
FROM trace_links
WHERE trace_id IN {trace_ids:Array(String)}
LIMIT 33 BY trace_id
