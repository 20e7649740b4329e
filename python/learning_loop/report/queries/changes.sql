-- What last night did and found, beside the night before it.
select
    measure,
    value,
    value_before,
    value - value_before as change,
    night_before,
    look_in
from night_changes
order by measure_position
