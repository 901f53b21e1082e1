-- Every request for a decision and every decision in each case, in the order of time: what it was about, who decided, and what the
-- request said. Times are seconds since 1970, 0 where there is none.
SELECT instance_id, subject AS object, type, toUnixTimestamp64Micro(event_time) / 1e6 AS at,
    ifNull(toUnixTimestamp64Micro(due) / 1e6, 0) AS due_at, source, actor_id AS actor,
    if(rule_id = '', '', concat(rule_id, ' version ', rule_version)) AS rule, fields
FROM business_events
INNER JOIN
(
    SELECT instance_id, arrayJoin(`events.hash`) AS hash
    FROM instances FINAL
    WHERE dataset = {dataset:String}
) AS homes ON homes.hash = business_events.event_hash
WHERE dataset = {dataset:String} AND type IN {types:Array(String)} AND outcome != 'failure' AND event_time <= {as_of:DateTime64(6, 'UTC')}
ORDER BY instance_id, at, event_hash
LIMIT 1 BY instance_id, event_hash
