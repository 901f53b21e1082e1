-- The instances of a dataset in its own words: one for each object of the leading type, its trace all its events in the order
-- of time, then of their place in the log. A part of the objects at a time bounds the memory. An event is taken once, in its
-- later version.
INSERT INTO instances
    (dataset, instance_id, leader_type, leader_number, status, opened_at, last_event_at, variant, activities, times,
     `events.hash`, `events.activity`, `events.stage`, `events.time`, `events.shared`,
     `objects.key`, `objects.type`, `objects.role`, `objects.share`, `objects.basis`, `objects.amount`, `objects.currency`,
     version, deleted)
SELECT
    {dataset:String}, object_key, {leading:String}, decodeURLComponent(splitByChar(':', object_key)[3]), '',
    told[1].1, told[-1].1, cityHash64(told.4), told.4, told.1,
    told.3, told.4, arrayResize([]::Array(String), length(told), ''), told.1, told.6,
    others.1, others.2, arrayMap(key -> if(key = object_key, 'own', 'context'), others.1),
    arrayResize([]::Array(Float64), length(others), 1.), arrayResize([]::Array(String), length(others), 'whole'),
    arrayResize([]::Array(Nullable(Decimal(38, 6))), length(others), NULL), arrayResize([]::Array(String), length(others), ''),
    {version:UInt64}, 0
FROM
(
    SELECT
        object_key,
        arraySort(if(length(arrayDistinct(gathered.3)) = length(gathered), gathered,
            arrayFilter((event, place) -> place = 1, arrayReverseSort(event -> (event.3, event.5), gathered) AS newest,
                arrayEnumerateUniq(newest.3)))) AS told,
        others
    FROM
    (
        SELECT
            object_key,
            groupArray((event_time, place, event_hash, activity, version_rank, shared)) AS gathered,
            groupUniqArrayArray(objects) AS others
        FROM
        (
            SELECT
                event_time, toUInt64OrZero(sequence) AS place, event_hash, toString(activity) AS activity,
                reinterpretAsUInt64(reverse(unhex(substring(content_hash, 1, 16)))) AS version_rank,
                toUInt8(countEqual(object_types, {leading:String}) > 1) AS shared,
                arrayZip(object_keys, object_types::Array(String)) AS objects,
                arrayJoin(arrayFilter((key, type) -> type = {leading:String}, object_keys, object_types)) AS object_key
            FROM business_events
            WHERE dataset = {dataset:String}
        )
        WHERE cityHash64(object_key) % {parts:UInt32} = {part:UInt32}
        GROUP BY object_key
    )
)
