-- What each source ever told of, until a moment.
SELECT source, groupUniqArray(toString(type)) AS types
FROM
(
    SELECT DISTINCT source, type
    FROM source_hours
    WHERE dataset = {dataset:String} AND hour <= {until:DateTime64(6, 'UTC')}
)
GROUP BY source
