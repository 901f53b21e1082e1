-- The objects of instances whose derived links rest on some conversations.
SELECT DISTINCT arrayJoin(objects.key) AS object_key
FROM instances FINAL
WHERE dataset = {dataset:String} AND arrayExists(one -> one IN {conversations:Array(String)}, conversations)
    AND instance_id IN
    (
        SELECT instance_id
        FROM instance_conversations
        WHERE dataset = {dataset:String} AND conversation IN {conversations:Array(String)}
    )
