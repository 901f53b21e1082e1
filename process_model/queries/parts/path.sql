-- Stands wherever a statement says __PATH__ of rows of instances: whether the case's path is the chosen one. What is not chosen is
-- constant, and then its columns are not read. A step is every event, or only those that bear a stage.
(
    (empty({only:Array(String)}) OR hasAll(if({all_events:UInt8}, events.activity, activities), {only:Array(String)}))
    AND (empty({exclude:Array(String)}) OR NOT hasAny(if({all_events:UInt8}, events.activity, activities), {exclude:Array(String)}))
    AND (empty({start:Array(String)}) OR if({all_events:UInt8}, events.activity, activities)[1] IN {start:Array(String)})
    AND (empty({end:Array(String)}) OR if({all_events:UInt8}, events.activity, activities)[-1] IN {end:Array(String)})
    AND (empty({follows:Array(Array(String))}) OR arrayAll(
        pair -> hasSubstr(if({all_events:UInt8}, events.activity, activities), pair), {follows:Array(Array(String))}))
)
