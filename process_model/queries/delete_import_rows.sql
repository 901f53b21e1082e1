-- The rows that one import left in one table.
ALTER TABLE {table:Identifier} DELETE WHERE dataset = {dataset:String} AND startsWith(segment, {import_id:String})
