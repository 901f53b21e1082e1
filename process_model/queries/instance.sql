-- One instance, whole.
SELECT
    dataset, instance_id, leader_type, leader_number AS number, customer, region, business_unit, legal_entity,
    product_family, sales_channel, customer_tier, amount, currency, status, stage, stage_since, stage_due,
    opened_at, last_event_at, closed_at, has_failure,
    ifNull(stage_due < {as_of:DateTime64(6, 'UTC')}, 0) AS past_due,
    names, `events.hash`, `events.activity`, `events.stage`, `events.time`, `events.shared`,
    `objects.key`, `objects.type`, `objects.role`, `objects.share`, `objects.basis`, `objects.amount`,
    `objects.currency`,
    `links.from_key`, `links.to_key`, `links.kind`, `links.evidence`, `links.basis`, `links.amount`,
    `links.proof_source`, `links.proof_id`,
    `stages.name`, `stages.object`, `stages.entered_at`, `stages.completed_at`, `stages.due_at`,
    `stages.due_from`, `stages.state`, `stages.amount`, `stages.currency`,
    `stages.dated_at`,
    `syncs.stage`, `syncs.from_system`, `syncs.to_system`, `syncs.object`, `syncs.obliged_at`, `syncs.due_at`,
    `syncs.first_success_at`, `syncs.attempts`, `syncs.failures`, `syncs.last_error_type`, `syncs.amount`,
    `syncs.currency`,
    `exceptions.id`, `exceptions.class`, `exceptions.owner`, `exceptions.stage`, `exceptions.object`,
    `exceptions.raised_at`, `exceptions.resolved_at`, `exceptions.error_type`, `exceptions.amount`,
    `exceptions.currency`
FROM instances FINAL
WHERE dataset = {dataset:String} AND instance_id = {instance_id:String}
