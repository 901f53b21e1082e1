-- The traces whose spans name some objects, the newest of them; which pairs of type and id are meant, who asks knows.
SELECT object_type, object_id, system, trace_id, max(time) AS last
FROM span_objects
WHERE object_type IN {object_types:Array(String)} AND object_id IN {object_ids:Array(String)}
GROUP BY object_type, object_id, system, trace_id
ORDER BY last DESC, trace_id
LIMIT 2000
