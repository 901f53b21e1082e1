-- Every wait of every case, with who completed it: the source that told, the actor, the rule version.
-- What was completed after the moment that is asked about was open then. Times are seconds since 1970, 0 where there is none.
WITH waits AS
(
    SELECT instance_id, wait.1 AS stage, wait.2 AS object, wait.3 AS entered_at, wait.5 AS due_at,
        wait.4 > {as_of:DateTime64(6, 'UTC')} AS open_then, if(open_then, NULL, wait.4) AS completed_at,
        if(open_then, 'open', wait.6) AS state,
        arrayFirst((hash, stage_of_event, time) -> time = wait.4 AND stage_of_event = wait.1, `events.hash`, `events.stage`,
            `events.time`) AS milestone
    FROM
    (
        SELECT instance_id, `events.hash`, `events.stage`, `events.time`,
            arrayJoin(arrayZip(`stages.name`, `stages.object`, `stages.entered_at`, `stages.completed_at`, `stages.due_at`,
                `stages.state`)) AS wait
        FROM instances FINAL
        WHERE dataset = {dataset:String}
    )
    WHERE entered_at <= {as_of:DateTime64(6, 'UTC')}
)
SELECT instance_id, stage, object,
    toUnixTimestamp64Micro(entered_at) / 1e6 AS entered,
    ifNull(toUnixTimestamp64Micro(completed_at) / 1e6, 0) AS completed,
    ifNull(toUnixTimestamp64Micro(due_at) / 1e6, 0) AS due,
    state, source, actor, rule
FROM waits
LEFT JOIN
(
    SELECT event_hash, any(source) AS source, any(actor_id) AS actor,
        any(if(rule_id = '', '', concat(rule_id, ' version ', rule_version))) AS rule
    FROM business_events
    WHERE dataset = {dataset:String} AND type IN {milestones:Array(String)}
    GROUP BY event_hash
) AS told ON told.event_hash = waits.milestone
