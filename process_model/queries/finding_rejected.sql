-- What was refused, at the time it says it happened, with the object it was about.
SELECT source, type, reason, pointer, detail,
    ifNull(parseDateTime64BestEffortOrNull(JSONExtractString(payload, 'time'), 6, 'UTC'), received_at) AS at,
    JSONExtractString(payload, 'subject') AS subject
FROM rejected_events
WHERE dataset = {dataset:String} AND at <= {as_of:DateTime64(6, 'UTC')} AND source != ''
ORDER BY at
