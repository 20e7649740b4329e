-- Pairs of candidates that are one idea, a row for each evidence: exact (one idea key), near (titles that say nearly
-- the same), confirmed (an editor named the other). Of candidates that say the same each is a pair with the oldest of
-- them alone, and it alone stands for them beside others: pairs of all with all grow as the square of what one bot
-- repeats. A pair that an editor keeps apart stays apart whatever the evidence.

with

titles as (
    select
        *,
        first_value(candidate_id) over (partition by idea_key order by created_at, candidate_id) as first_of_idea,
        first_value(candidate_id) over (partition by title_key order by created_at, candidate_id) as first_of_title
    from {{ ref('int_duplicates__titles') }}
),

named as (
    select
        least(candidate_id, duplicate_of) as candidate_a,
        greatest(candidate_id, duplicate_of) as candidate_b,
        bool_or(duplicate_confirmed is distinct from false) as is_confirmed,
        bool_or(duplicate_confirmed is not distinct from false) as is_kept_apart
    from {{ ref('ingest_editor_labels') }}
    where not is_machine and duplicate_of is not null and duplicate_of != candidate_id
    group by all
),

found as (
    select
        candidate_id as one,
        first_of_idea as other,
        'exact' as evidence,
        null::double as similarity
    from titles
    where candidate_id != first_of_idea
    union all
    select
        candidate_id as one,
        first_of_title as other,
        'near' as evidence,
        1.0 as similarity
    from titles
    where candidate_id != first_of_title and word_count > 0
    union all
    select
        a.candidate_id as one,
        b.candidate_id as other,
        'near' as evidence,
        near.similarity
    from {{ ref('int_duplicates__near_titles') }} as near
    inner join titles as a on near.title_key_a = a.title_key and a.candidate_id = a.first_of_title
    inner join titles as b on near.title_key_b = b.title_key and b.candidate_id = b.first_of_title
    union all
    select
        candidate_a as one,
        candidate_b as other,
        'confirmed' as evidence,
        null as similarity
    from named
    where is_confirmed
),

final as (
    select
        least(found.one, found.other) as candidate_a,
        greatest(found.one, found.other) as candidate_b,
        found.evidence,
        found.similarity,
        coalesce(named.is_kept_apart, false) as is_kept_apart
    from found
    left join named
        on
            least(found.one, found.other) = named.candidate_a
            and greatest(found.one, found.other) = named.candidate_b
)

select * from final
