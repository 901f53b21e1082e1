-- How long the waits of one stage took that ended in the period: by bucket of their end and by size, each document once.
-- The sizes are half decades of an hour: 0 is up to 0.1 h, 1 up to 0.3 h, 2 up to 1 h, and so on.
SELECT bucket, size, count() AS waits
FROM
(
    SELECT
        wait_object,
        multiIf(
            {bucket:String} = 'hour', toDateTime(toStartOfHour(any(ended)), 'UTC'),
            {bucket:String} = 'week', toDateTime(toStartOfWeek(any(ended), 1), 'UTC'),
            {bucket:String} = 'month', toDateTime(toStartOfMonth(any(ended)), 'UTC'),
            toDateTime(toStartOfDay(any(ended)), 'UTC')) AS bucket,
        toUInt8(arrayCount(edge -> dateDiff('microsecond', any(begun), any(ended)) / 1e6 > edge, {edges:Array(Float64)})) AS size
    FROM
    (
        SELECT wait, wait_object, begun, assumeNotNull(ended_at) AS ended
        FROM
        (
            SELECT wait, wait_object, begun, ended_at
            FROM instances FINAL
            ARRAY JOIN
                stages.name AS wait, stages.object AS wait_object, stages.entered_at AS begun, stages.completed_at AS ended_at
            WHERE dataset = {dataset:String} AND __PATH__
                AND (empty({region:Array(String)}) OR region IN {region:Array(String)})
                AND (empty({business_unit:Array(String)}) OR business_unit IN {business_unit:Array(String)})
                AND (empty({legal_entity:Array(String)}) OR legal_entity IN {legal_entity:Array(String)})
                AND (empty({product_family:Array(String)}) OR product_family IN {product_family:Array(String)})
                AND (empty({sales_channel:Array(String)}) OR sales_channel IN {sales_channel:Array(String)})
                AND (empty({customer_tier:Array(String)}) OR customer_tier IN {customer_tier:Array(String)})
        )
        WHERE wait = {stage:String} AND ended_at IS NOT NULL
            AND ended_at >= {since:DateTime64(6, 'UTC')} AND ended_at < {until:DateTime64(6, 'UTC')}
            AND ended_at < {as_of:DateTime64(6, 'UTC')}
            AND (empty({object_type:String}) OR startsWith(wait_object, concat({object_type:String}, ':')))
    )
    GROUP BY wait_object
)
GROUP BY bucket, size
ORDER BY bucket, size
