-- Which of the named facts the store has already, as events or as rejections; the keys are (source, id).
WITH arrayZip({sources:Array(String)}, {ids:Array(String)}) AS asked
SELECT source, id
FROM business_events
WHERE dataset = 'live'
  AND event_hash IN (SELECT cityHash64('live', key.1, key.2) FROM (SELECT arrayJoin(asked) AS key))
  AND (source, id) IN (SELECT arrayJoin(asked))
UNION ALL
SELECT source, id
FROM rejected_events
WHERE dataset = 'live' AND (source, id) IN (SELECT arrayJoin(asked))
