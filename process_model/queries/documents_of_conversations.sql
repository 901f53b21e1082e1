-- The documents that some conversations name, at most 33 of each: more are a batch, however many.
SELECT conversation, groupUniqArrayArray(33)(documents) AS documents
FROM conversations
WHERE dataset = {dataset:String} AND conversation IN {object_keys:Array(String)}
GROUP BY conversation
