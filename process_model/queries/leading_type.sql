-- The object type whose objects are the cases of a dataset in its own words; no row where the canon leads.
SELECT argMax(leading_type, started_at) AS leading_type
FROM imports FINAL
WHERE dataset = {dataset:String}
HAVING leading_type != ''
