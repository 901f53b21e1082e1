-- Documents of one type that were made under one idempotency key.
SELECT idempotency_key, groupUniqArray(4)(subject) AS subjects
FROM business_events
WHERE dataset = {dataset:String} AND idempotency_key != '' AND outcome != 'failure' AND event_time <= {as_of:DateTime64(6, 'UTC')}
    AND type IN ('order.created', 'order.booked', 'invoice.created', 'invoice.posted', 'payment.received', 'payment.applied')
GROUP BY idempotency_key, splitByChar('.', type)[1]
HAVING length(subjects) BETWEEN 2 AND 3
