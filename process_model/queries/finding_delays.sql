-- How many events of each source came late or behind their numbers, by three hours. Late is far beyond what is usual for the
-- source. The clock is the source's own (recordedtime); our receipt counts only for sources that tell none, and only
-- in hours that were no bulk load.
WITH told AS
(
    SELECT source, event_hash, any(event_time) AS at, any(recorded_time) AS recorded, any(received_at) AS received,
        any(sequence) AS number
    FROM business_events
    WHERE dataset = {dataset:String} AND origin = 'event' AND event_time_from = 'time' AND event_time <= {as_of:DateTime64(6, 'UTC')}
    GROUP BY source, event_hash
),
clocked AS
(
    SELECT source, event_hash, at, number,
        countIf(recorded IS NOT NULL) OVER (PARTITION BY source) > 0 AS tells,
        quantile(0.5)(dateDiff('second', at, received)) OVER (PARTITION BY source, toStartOfHour(received)) AS usual_receipt,
        count() OVER (PARTITION BY source, toStartOfHour(received)) AS received_in_hour,
        count() OVER (PARTITION BY source) / uniqExact(toStartOfHour(at)) OVER (PARTITION BY source) AS usual_in_hour,
        multiIf(tells AND recorded IS NOT NULL, dateDiff('millisecond', at, recorded) / 1000,
            NOT tells AND usual_receipt < 172800 AND received_in_hour < 8 * usual_in_hour + 8, dateDiff('millisecond', at, received) / 1000, NULL) AS delay,
        if(match(number, '^[0-9]{1,18}$'), dateDiff('millisecond', at, max(at) OVER (PARTITION BY source, match(number, '^[0-9]{1,18}$')
            ORDER BY toUInt64OrZero(number), at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) / 1000, 0.) AS behind
    FROM told
),
usual AS
(
    SELECT source, greatest(900, ifNull(3 * quantile(0.75)(delay) - 2 * quantile(0.25)(delay), 0)) AS limit_seconds,
        ifNull(quantile(0.5)(delay), 0) AS usual_seconds
    FROM clocked
    GROUP BY source
)
SELECT source, toStartOfInterval(at, INTERVAL 3 HOUR) AS slot, count() AS events, countIf(ifNull(delay, 0.) > limit_seconds OR behind > limit_seconds) AS late,
    any(usual_seconds) AS usual_seconds, max(greatest(ifNull(delay, 0.), behind)) AS longest_seconds,
    groupArrayIf((at, event_hash, greatest(ifNull(delay, 0.), behind)), ifNull(delay, 0.) > limit_seconds OR behind > limit_seconds) AS events_late
FROM clocked
INNER JOIN usual USING (source)
GROUP BY source, slot
ORDER BY source, slot
