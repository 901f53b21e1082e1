-- Facts told by rows that others wrote, a page behind the last row of the page before.
SELECT signal, trace_id, span_id, position, time, service_name, name, status_code, facts, recorded_at
FROM fact_candidates
WHERE segment = '' AND service_name != 'throughline' AND recorded_at >= {since:DateTime64(6, 'UTC')}
  AND (recorded_at, trace_id, span_id, toInt32(position))
    > ({since:DateTime64(6, 'UTC')}, {trace_id:String}, {span_id:String}, {position:Int32})
ORDER BY recorded_at, trace_id, span_id, position
LIMIT {page:UInt32}
