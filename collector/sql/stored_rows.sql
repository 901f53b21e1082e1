-- What an insert left behind under its token: exactly one row when it is whole.
SELECT count() AS blocks, sum(row_count) AS rows
FROM stored_segments
WHERE kind = {kind:String} AND segment = {segment:String}
