-- How many instances a dataset has.
SELECT count() AS total
FROM instances FINAL
WHERE dataset = {dataset:String}
