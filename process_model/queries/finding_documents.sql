-- The documents of every case that is not plain, with this case's share of their amounts, how they follow one another, and
-- what was accepted. Plain is a case with one document of each type, all its own, of one amount and currency: nothing is
-- repeated there and everything ties out.
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
    AND NOT (
        countEqual(`objects.type`, 'order') <= 1 AND countEqual(`objects.type`, 'invoice') <= 1 AND countEqual(`objects.type`, 'payment') <= 1
        AND NOT arrayExists(share -> share < 1, `objects.share`)
        AND length(arrayDistinct(arrayFilter((worth, type) -> type IN ('quote', 'order', 'invoice', 'payment'),
            arrayZip(arrayMap(amount -> ifNull(amount, -1), `objects.amount`), `objects.currency`), `objects.type`))) <= 1
        AND NOT arrayExists(key -> key IN {shared:Array(String)}, `objects.key`))
