-- What came of each source week by week, over half a year up to the latest.
select
    source_key,
    date_trunc('week', period_starts_on)::date as week,
    sum(candidate_count)::bigint as candidate_count,
    sum(reviewed_count)::bigint as reviewed_count,
    sum(promoted_count)::bigint as promoted_count,
    sum(rejected_count)::bigint as rejected_count
from editorial_daily
where period_starts_on > (select max(period_starts_on) - 182 from editorial_daily)
group by source_key, week
order by source_key, week desc
