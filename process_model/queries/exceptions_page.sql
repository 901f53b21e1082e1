-- Exceptions raised in a period, the newest first, and whether they were resolved by a moment.
SELECT instance_id, number, id, class AS class_, owner, stage, object, raised_at, resolved_at, state, error_type, amount, currency, key
FROM
(
    SELECT
        instance_id, leader_number AS number, id, toString(trouble_class) AS class, owner, toString(trouble_stage) AS stage,
        object, raised_at, if(done_at < {as_of:DateTime64(6, 'UTC')}, done_at, NULL) AS resolved_at,
        if(resolved_at IS NULL, 'open', 'resolved') AS state, toString(error_type) AS error_type,
        trouble_amount AS amount, toString(trouble_currency) AS currency, concat(instance_id, ' ', id) AS key,
        region, business_unit, legal_entity, product_family, sales_channel, customer_tier
    FROM
    (
        SELECT
            instance_id, leader_number, region, business_unit, legal_entity, product_family, sales_channel, customer_tier,
            id, trouble_class, owner, trouble_stage, object, raised_at, done_at, error_type, trouble_amount, trouble_currency
        FROM instances FINAL
        ARRAY JOIN
            exceptions.id AS id, exceptions.class AS trouble_class, exceptions.owner AS owner,
            exceptions.stage AS trouble_stage, exceptions.object AS object, exceptions.raised_at AS raised_at,
            exceptions.resolved_at AS done_at, exceptions.error_type AS error_type,
            exceptions.amount AS trouble_amount, exceptions.currency AS trouble_currency
        WHERE dataset = {dataset:String} AND __PATH__
    )
    WHERE raised_at < {as_of:DateTime64(6, 'UTC')}
)
WHERE raised_at >= {since:DateTime64(6, 'UTC')} AND raised_at < {until:DateTime64(6, 'UTC')}
    AND (empty({stage:Array(String)}) OR stage IN {stage:Array(String)})
    AND (empty({state:Array(String)}) OR state IN {state:Array(String)})
    AND (empty({class:Array(String)}) OR class IN {class:Array(String)})
    AND (empty({owner:Array(String)}) OR owner IN {owner:Array(String)})
    AND (empty({region:Array(String)}) OR region IN {region:Array(String)})
    AND (empty({business_unit:Array(String)}) OR business_unit IN {business_unit:Array(String)})
    AND (empty({legal_entity:Array(String)}) OR legal_entity IN {legal_entity:Array(String)})
    AND (empty({product_family:Array(String)}) OR product_family IN {product_family:Array(String)})
    AND (empty({sales_channel:Array(String)}) OR sales_channel IN {sales_channel:Array(String)})
    AND (empty({customer_tier:Array(String)}) OR customer_tier IN {customer_tier:Array(String)})
    AND ({after_key:String} = '' OR raised_at < {after_at:DateTime64(6, 'UTC')}
        OR raised_at = {after_at:DateTime64(6, 'UTC')} AND key > {after_key:String})
ORDER BY raised_at DESC, key
LIMIT {limit:UInt32}
