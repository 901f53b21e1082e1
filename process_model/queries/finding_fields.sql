-- Which values each system told of each field of each customer, and from when to when.
SELECT customer, splitByChar(':', source)[3] AS system, field, value, min(at) AS first_at, max(at) AS last_at, count() AS told
FROM
(
    SELECT source, event_time AS at,
        if(startsWith(subject, 'customer:'), [subject], arrayFilter(key -> startsWith(key, 'customer:'), object_keys)) AS customers,
        arrayFilter(pair -> pair.2 != '' AND pair.2 != 'null' AND (startsWith(pair.1, 'customer.') OR startsWith(subject, 'customer:')),
            arrayZip(mapKeys(fields), mapValues(fields))) AS pairs,
        arrayJoin(pairs) AS pair, replaceOne(pair.1, 'customer.', '') AS field, pair.2 AS value,
        arrayJoin(customers) AS customer
    FROM business_events
    WHERE dataset = {dataset:String} AND notEmpty(fields) AND event_time <= {as_of:DateTime64(6, 'UTC')} AND length(customers) = 1
)
GROUP BY customer, system, field, value
ORDER BY customer, field, system, first_at
