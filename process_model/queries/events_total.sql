-- How many rows of events a dataset has, versions and repetitions included.
SELECT count() AS total
FROM business_events
WHERE dataset = {dataset:String}
