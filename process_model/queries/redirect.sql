-- Where an id leads that is the leader's no more.
SELECT new_id
FROM instance_redirects FINAL
WHERE dataset = {dataset:String} AND old_id = {old_id:String}
