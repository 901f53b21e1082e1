-- The conversations whose traces were joined by the span links of some inserts.
SELECT DISTINCT dataset, conversation
FROM conversations
WHERE conversation IN
(
    SELECT concat('trace:shared:', trace_id)
    FROM trace_links
    WHERE if(empty(segment), concat('@', toString(recorded_at)), segment) IN {segments:Array(String)}
)
