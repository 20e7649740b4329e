-- What ties candidates together and what keeps them apart, the strongest evidence first: the order in which groups
-- grow (an editor's word, then equal ideas, then the nearest titles; ties by the ids).

{{ config(schema='scratch') }}

with

links as (
    select
        candidate_a,
        candidate_b,
        min(case evidence when 'confirmed' then 0 when 'exact' then 1 else 2 - similarity end) as weakness
    from {{ ref('duplicate_pairs') }}
    where not is_kept_apart
    group by candidate_a, candidate_b
),

kept_apart as (
    select distinct
        least(candidate_id, duplicate_of) as candidate_a,
        greatest(candidate_id, duplicate_of) as candidate_b,
        null::double as weakness
    from {{ ref('ingest_editor_labels') }}
    where not is_machine and duplicate_confirmed = false and duplicate_of is not null
),

final as (
    select
        candidate_a,
        candidate_b,
        weakness
    from links
    union all
    select
        candidate_a,
        candidate_b,
        weakness
    from kept_apart
)

select * from final
order by weakness nulls first, candidate_a, candidate_b
