-- Promises by their deadline: every wait that has one, and what became of it by a moment.
SELECT instance_id, number, stage, object, made_at, due_at, due_from, completed_at, state, amount, currency, key
FROM
(
    SELECT
        instance_id, leader_number AS number, toString(wait) AS stage, waited AS object, entered_at AS made_at,
        assumeNotNull(deadline) AS due_at, toString(deadline_from) AS due_from,
        if(done_at < {as_of:DateTime64(6, 'UTC')}, done_at, NULL) AS completed_at,
        multiIf(
            completed_at IS NOT NULL, if(completed_at <= due_at, 'kept', 'broken'),
            due_at < {as_of:DateTime64(6, 'UTC')}, 'broken',
            due_at < {as_of:DateTime64(6, 'UTC')} + INTERVAL 1 DAY, 'due',
            'open') AS state,
        wait_amount AS amount, toString(wait_currency) AS currency,
        concat(instance_id, ' ', toString(wait), ' ', waited) AS key,
        region, business_unit, legal_entity, product_family, sales_channel, customer_tier
    FROM
    (
        SELECT
            instance_id, leader_number, region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
            wait, waited, entered_at, deadline, deadline_from, done_at, wait_state, wait_amount, wait_currency
        FROM instances FINAL
        ARRAY JOIN
            stages.name AS wait, stages.object AS waited, stages.entered_at AS entered_at, stages.due_at AS deadline,
            stages.due_from AS deadline_from, stages.completed_at AS done_at, stages.state AS wait_state,
            stages.amount AS wait_amount, stages.currency AS wait_currency
        WHERE dataset = {dataset:String} AND __PATH__
    )
    WHERE deadline IS NOT NULL AND wait_state NOT IN ('skipped', 'withdrawn')
        AND entered_at < {as_of:DateTime64(6, 'UTC')}
)
WHERE due_at >= {since:DateTime64(6, 'UTC')} AND due_at < {until:DateTime64(6, 'UTC')}
    AND (empty({stage:Array(String)}) OR stage IN {stage:Array(String)})
    AND (empty({state:Array(String)}) OR state IN {state:Array(String)})
    AND (empty({region:Array(String)}) OR region IN {region:Array(String)})
    AND (empty({business_unit:Array(String)}) OR business_unit IN {business_unit:Array(String)})
    AND (empty({legal_entity:Array(String)}) OR legal_entity IN {legal_entity:Array(String)})
    AND (empty({product_family:Array(String)}) OR product_family IN {product_family:Array(String)})
    AND (empty({sales_channel:Array(String)}) OR sales_channel IN {sales_channel:Array(String)})
    AND (empty({customer_tier:Array(String)}) OR customer_tier IN {customer_tier:Array(String)})
    AND ({after_key:String} = '' OR due_at > {after_at:DateTime64(6, 'UTC')}
        OR due_at = {after_at:DateTime64(6, 'UTC')} AND key > {after_key:String})
ORDER BY due_at, key
LIMIT {limit:UInt32}
