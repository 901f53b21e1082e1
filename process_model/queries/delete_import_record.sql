-- The record of one import.
ALTER TABLE imports DELETE WHERE dataset = {dataset:String} AND import_id = {import_id:String}
