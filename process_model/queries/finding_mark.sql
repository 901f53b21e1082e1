-- How far the data has come: an answer given at the same mark still stands.
SELECT
    (SELECT max(version) FROM instances WHERE dataset = {dataset:String}) AS recomputation,
    (SELECT count() FROM business_events WHERE dataset = {dataset:String}) AS events,
    (SELECT count() FROM rejected_events WHERE dataset = {dataset:String}) AS rejected
