-- What was stated of each document: its first and its last amount, when it came to be and when it was taken back, the keys
-- that made it, and its lines as they were last told.
SELECT subject, any(splitByChar(':', subject)[1]) AS type,
    argMinIf(amount, event_time, amount IS NOT NULL) AS first_amount,
    argMaxIf(amount, event_time, amount IS NOT NULL) AS last_amount,
    anyLastIf(currency, currency != '') AS currency,
    minIf(event_time, worked AND what IN ('created', 'booked', 'posted', 'received', 'applied', 'accepted', 'revised')) AS made_at,
    maxIf(event_time, worked AND what IN ('cancelled', 'corrected', 'refunded', 'rejected', 'voided')) AS taken_back_at,
    groupUniqArrayIf(8)(idempotency_key, idempotency_key != '' AND what IN ('created', 'booked', 'posted', 'received', 'applied')) AS keys,
    argMin(source, event_time) AS source,
    argMaxIf(JSONExtractRaw(data, 'lines'), event_time, JSONHas(data, 'lines')) AS lines
FROM
(
    SELECT subject, event_time, amount, currency, idempotency_key, source, data, outcome != 'failure' AS worked,
        splitByChar('.', type)[2] AS what
    FROM business_events
    WHERE dataset = {dataset:String} AND subject IN {object_keys:Array(String)} AND event_time <= {as_of:DateTime64(6, 'UTC')}
        AND splitByChar(':', subject)[1] IN ('quote', 'order', 'invoice', 'payment', 'credit_note')
        AND splitByChar('.', type)[1] IN ('quote', 'order', 'invoice', 'payment', 'credit_note')
)
GROUP BY subject
