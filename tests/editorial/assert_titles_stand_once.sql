-- A returned row is a candidate of tonight whose title was computed again and not forgotten before, or a set of title
-- words that was new tonight and stood already: the pairs of either are found twice.
select titles.candidate_id as stands_twice
from {{ ref('int_duplicates__titles') }} as titles
semi join {{ ref('int_editorial__touched_candidates') }} as touched on titles.candidate_id = touched.candidate_id
group by titles.candidate_id
having count(*) > 1
union all
select sets.title_key as stands_twice
from {{ ref('int_duplicates__title_sets') }} as sets
semi join {{ ref('int_duplicates__new_titles') }} as new_titles on sets.title_key = new_titles.title_key
group by sets.title_key
having count(*) > 1
