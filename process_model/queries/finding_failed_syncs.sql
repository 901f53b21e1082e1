-- Every failed attempt to cross between two systems, in the order of time.
SELECT DISTINCT sync_from AS from_system, sync_to AS to_system, if(sync_object = '', subject, sync_object) AS object,
    event_time AS at, if(error_type = '', 'other', error_type) AS error_class
FROM business_events
WHERE dataset = {dataset:String} AND startsWith(type, 'sync.') AND (type = 'sync.failed' OR outcome = 'failure')
    AND event_time <= {as_of:DateTime64(6, 'UTC')}
ORDER BY at
