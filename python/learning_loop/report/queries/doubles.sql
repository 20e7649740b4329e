-- Groups of candidates that say the same of which some wait for an editor, the largest first, beside what all groups
-- hold. The oldest candidate names a group; the titles of the others are told once each, three at most.
with
members as (
    select
        candidates.duplicate_group,
        candidates.duplicate_group_size,
        candidates.candidate_id,
        candidates.source_key,
        candidates.title,
        candidates.created_at,
        not exists (
            from ingest_editor_labels as labels
            where labels.candidate_id = candidates.candidate_id and labels.is_first_decision
        ) as is_open
    from idea_candidates as candidates
    where candidates.duplicate_group_size > 1
),
groups as (
    select
        duplicate_group,
        any_value(duplicate_group_size) as candidate_count,
        count_if(is_open) as open_count,
        count(distinct source_key) as source_count,
        min(source_key) as source_key,
        arg_min(title, (created_at, candidate_id)) as title,
        list_distinct(list(title order by created_at, candidate_id)) as titles,
        min(created_at) as first_created_at,
        max(created_at) as last_created_at
    from members group by duplicate_group
),
counted as (
    select
        *,
        count(*) over () as group_count,
        sum(candidate_count) over ()::bigint as grouped_count,
        (
            select count(*) from (select distinct candidate_a, candidate_b from duplicate_pairs where not is_kept_apart)
        ) as pair_count
    from groups
)
select
    * exclude (titles), list_sort(list_filter(titles, lambda said: said != title))[:3] as other_titles
from counted
where open_count > 0
order by candidate_count desc, open_count desc, last_created_at desc, duplicate_group
