-- Whether the store holds an event, as a fact or as a rejection.
SELECT
    (SELECT count() FROM business_events
     WHERE dataset = 'live' AND event_hash = cityHash64('live', {source:String}, {id:String})
       AND source = {source:String} AND id = {id:String}) AS stored,
    (SELECT count() FROM rejected_events
     WHERE dataset = 'live' AND source = {source:String} AND id = {id:String}) AS rejected
