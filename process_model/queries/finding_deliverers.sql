-- Which source delivers which event type in which region, and how far each source has told.
SELECT type, region, source, count() AS events, any(last) AS last_event_at
FROM business_events
INNER JOIN
(
    SELECT source, max(event_time) AS last
    FROM business_events
    WHERE dataset = {dataset:String} AND event_time <= {as_of:DateTime64(6, 'UTC')}
    GROUP BY source
) AS reach USING (source)
WHERE dataset = {dataset:String} AND event_time <= {as_of:DateTime64(6, 'UTC')}
GROUP BY type, region, source
