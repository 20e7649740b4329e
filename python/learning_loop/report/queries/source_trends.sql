-- Where promotion rates moved, the last days against as many before; sources that nobody can tell of are left out.
select
    source_key as source,
    trend,
    change,
    change_lower,
    change_upper,
    recent_count,
    earlier_count,
    trend_days
from source_trends
where trend != 'insufficient_data'
order by change, source_key
limit 12
