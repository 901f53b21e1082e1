-- The events of a source and type within a stretch, whether each has a member of a kind, and their cases.
SELECT event_time AS at, homes.instance_id AS instance_id, subject,
    transform(substring(multiIf(
        {line:UInt8} = 1, JSONExtractRaw(data, 'lines', 1, {second:String}),
        {third:String} != '', JSONExtractRaw(data, {first:String}, {second:String}, {third:String}),
        {second:String} != '', JSONExtractRaw(data, {first:String}, {second:String}),
        JSONExtractRaw(data, {first:String})), 1, 1),
        ['{', '[', '"', 't', 'f', 'n', ''], ['object', 'list', 'text', 'truth', 'truth', 'none', 'none'], 'number')
        = {value_kind:String} AS having_it
FROM business_events
LEFT JOIN
(
    SELECT instance_id, arrayJoin(`events.hash`) AS hash
    FROM instances FINAL
    WHERE dataset = {dataset:String} AND last_event_at >= {since:DateTime64(6, 'UTC')}
) AS homes ON homes.hash = business_events.event_hash
WHERE dataset = {dataset:String} AND source = {source:String} AND type = {type:String}
    AND event_time >= {since:DateTime64(6, 'UTC')} AND event_time < {until:DateTime64(6, 'UTC')}
    AND origin = 'event'
ORDER BY at
