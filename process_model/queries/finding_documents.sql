-- The documents of every case with this case's share of their amounts, how they follow one another, and what was accepted.
SELECT instance_id,
    arrayFilter(object -> object.2 IN ('quote', 'contract', 'order', 'delivery', 'invoice', 'payment', 'credit_note') AND object.3 = 'own',
        arrayZip(`objects.key`, `objects.type`, `objects.role`, `objects.share`, `objects.amount`, `objects.currency`)) AS documents,
    arrayMap(link -> (link.1, link.2), arrayFilter(link -> link.3 IN ('flow', 'part') AND NOT match(link.1, '^[a-z]+_line:')
        AND NOT match(link.2, '^[a-z]+_line:'), arrayZip(`links.from_key`, `links.to_key`, `links.kind`))) AS links,
    arrayMap(link -> (link.1, link.2), arrayFilter(link -> link.3 = 'same', arrayZip(`links.from_key`, `links.to_key`, `links.kind`))) AS names,
    arrayDistinct(arrayFilter((object, name) -> name = 'order' AND startsWith(object, 'quote:'), `stages.object`, `stages.name`)) AS accepted,
    arrayExists((name, state) -> name IN ('fulfilment', 'invoice') AND state = 'open', `stages.name`, `stages.state`) AS going_on
FROM instances FINAL
WHERE dataset = {dataset:String} AND hasAny(`objects.type`, ['order', 'invoice', 'payment'])
