-- Facts told by the spans or records of one segment, in an order that does not depend on storage.
SELECT signal, trace_id, span_id, position, time, service_name, name, status_code, facts, recorded_at
FROM fact_candidates FINAL
WHERE segment = {segment:String} AND service_name != 'throughline'
ORDER BY trace_id, span_id, position, time
