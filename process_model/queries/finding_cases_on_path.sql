-- Which of these instances have a path that is chosen.
SELECT instance_id
FROM instances FINAL
WHERE dataset = {dataset:String} AND instance_id IN {ids:Array(String)} AND __PATH__
