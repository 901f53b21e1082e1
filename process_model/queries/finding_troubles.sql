-- Cases in which a failure was told that is not over: an open exception, a crossing that never worked, a hold, a dead letter.
SELECT instance_id,
    arrayMax(arrayConcat(
        arrayFilter((time, resolved) -> isNull(resolved), `exceptions.raised_at`, `exceptions.resolved_at`),
        arrayFilter((time, failures, success) -> failures > 0 AND isNull(success), `syncs.obliged_at`, `syncs.failures`,
            `syncs.first_success_at`),
        arrayFilter((time, activity) -> activity IN ('order.failed', 'order.blocked', 'credit.held', 'message.dead_lettered',
            'invoice.disputed', 'payment.failed', 'tax.failed', 'compensation.started', 'approval.denied', 'contract.voided',
            'order.cancelled', 'quote.declined', 'fulfilment.returned'), `events.time`, `events.activity`))) AS last_told_at
FROM instances FINAL
WHERE dataset = {dataset:String} AND last_told_at > toDateTime64('1970-01-02 00:00:00', 6, 'UTC')
