-- All rows of a dataset in one table.
ALTER TABLE {table:Identifier} DELETE WHERE dataset = {dataset:String}
