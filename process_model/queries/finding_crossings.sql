-- Every object that crossed or should have crossed between two systems, as its case holds it.
SELECT instance_id, crossing.1 AS from_system, crossing.2 AS to_system, crossing.3 AS object, crossing.4 AS obliged_at,
    crossing.5 AS first_success_at, crossing.6 AS failures, crossing.7 AS last_error_type
FROM
(
    SELECT instance_id, arrayJoin(arrayZip(`syncs.from_system`, `syncs.to_system`, `syncs.object`, `syncs.obliged_at`,
        `syncs.first_success_at`, `syncs.failures`, `syncs.last_error_type`)) AS crossing
    FROM instances FINAL
    WHERE dataset = {dataset:String}
)
WHERE obliged_at <= {as_of:DateTime64(6, 'UTC')}
ORDER BY obliged_at, instance_id, object
