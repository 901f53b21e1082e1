-- How many events of a source and type had each member of the content, by the day. A member is its path and what kind of value it holds; a number is a number, however written.
WITH top AS
(
    SELECT source, type, event_time, JSONExtractKeysAndValuesRaw(data) AS pairs, data AS data_
    FROM business_events
    WHERE dataset = {dataset:String} AND event_time <= {as_of:DateTime64(6, 'UTC')} AND origin = 'event'
),
inner AS
(
    SELECT source, type, event_time, pairs, data_,
        arrayFlatten(arrayMap(outer -> arrayMap(pair -> (concat(outer.1, '.', pair.1), pair.2), JSONExtractKeysAndValuesRaw(outer.2)),
            arrayFilter(pair -> startsWith(pair.2, '{') AND pair.1 != 'segment', pairs))) AS deeper
    FROM top
),
told AS
(
    SELECT source, type, event_time,
        arrayDistinct(arrayMap(pair -> concat(pair.1, ' (', transform(substring(pair.2, 1, 1),
                ['{', '[', '"', 't', 'f'], ['object', 'list', 'text', 'truth', 'truth'], 'number'), ')'),
            arrayFilter(pair -> NOT startsWith(pair.2, 'n'), arrayConcat(pairs, deeper,
                arrayFlatten(arrayMap(outer -> arrayMap(pair -> (concat(outer.1, '.', pair.1), pair.2),
                    JSONExtractKeysAndValuesRaw(outer.2)),
                    arrayFilter(pair -> startsWith(pair.2, '{') AND startsWith(pair.1, 'raw.'), deeper))),
                arrayMap(pair -> (concat('lines[].', pair.1), pair.2),
                    JSONExtractKeysAndValuesRaw(JSONExtractRaw(data_, 'lines', 1))))))) AS members
    FROM inner
)
SELECT source, type, toStartOfDay(event_time) AS day, count() AS events,
    sumMap(members, arrayMap(member -> toUInt64(1), members)) AS having
FROM told
GROUP BY source, type, day
ORDER BY source, type, day
