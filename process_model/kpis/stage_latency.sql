-- title: Time in stage
-- unit: seconds
-- better: lower
-- value: median
-- formula: median time from entering a stage to its milestone, over all stages unless split by stage; waits past their limit at the end of the period count as breaches
-- cohort: end, business time
-- needs: quote.created, quote.accepted, order.created, fulfilment.completed, invoice.posted, payment.applied
-- minimum: 5
-- of: waits_ended
wait != ''
