-- The instances in which something failed in one way within a period.
SELECT uniqExact(instance_id) AS instances
FROM
(
    SELECT instance_id, arrayJoin(events.hash) AS hash
    FROM instances FINAL
    WHERE dataset = {dataset:String} AND has_failure = 1 AND opened_at < {until:DateTime64(6, 'UTC')}
        AND last_event_at >= {since:DateTime64(6, 'UTC')}
)
WHERE hash IN (
    SELECT event_hash FROM business_events
    WHERE dataset = {dataset:String} AND error_type = {error_type:String} AND outcome = 'failure'
        AND event_time >= {since:DateTime64(6, 'UTC')} AND event_time < {until:DateTime64(6, 'UTC')})
