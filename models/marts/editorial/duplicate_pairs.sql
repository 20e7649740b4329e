-- Pairs of candidates that are one idea, a row for each evidence: exact (one idea key), near (titles that share most
-- words), confirmed (an editor named the other). A pair that an editor keeps apart stays apart whatever the evidence.

with

policy as ({{ policy_in_force(ref('editorial')) }}
),

titles as (
    select * from {{ ref('int_duplicates__titles') }}
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

-- Titles of equal words are near at any length; under three words nothing else is.
found as (
    select
        a.candidate_id as candidate_a,
        b.candidate_id as candidate_b,
        'exact' as evidence,
        null::double as similarity
    from titles as a
    inner join titles as b on a.idea_key = b.idea_key and a.candidate_id < b.candidate_id
    union all
    select
        a.candidate_id as candidate_a,
        b.candidate_id as candidate_b,
        'near' as evidence,
        1.0 as similarity
    from titles as a
    inner join titles as b on a.title_key = b.title_key and a.candidate_id < b.candidate_id
    where a.word_count > 0
    union all
    select
        least(a.candidate_id, b.candidate_id) as candidate_a,
        greatest(a.candidate_id, b.candidate_id) as candidate_b,
        'near' as evidence,
        pairs.similarity
    from {{ ref('int_duplicates__title_pairs') }} as pairs
    inner join titles as a on pairs.title_key_a = a.title_key
    inner join titles as b on pairs.title_key_b = b.title_key
    inner join policy on pairs.similarity >= policy.near_duplicate_similarity
    union all
    select
        candidate_a,
        candidate_b,
        'confirmed' as evidence,
        null as similarity
    from named
    where is_confirmed
),

final as (
    select
        found.candidate_a,
        found.candidate_b,
        found.evidence,
        found.similarity,
        coalesce(named.is_kept_apart, false) as is_kept_apart
    from found
    left join named on found.candidate_a = named.candidate_a and found.candidate_b = named.candidate_b
)

select * from final
