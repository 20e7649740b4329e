-- Which earlier candidates a candidate is like, as a text that rules can look at. Only the later of two is held
-- against: the first to bring an idea is no duplicate.

with

pairs as (
    select
        pairs.*,
        (a.created_at, a.candidate_id) < (b.created_at, b.candidate_id) as is_a_first
    from {{ ref('duplicate_pairs') }} as pairs
    inner join {{ ref('int_duplicates__titles') }} as a on pairs.candidate_a = a.candidate_id
    inner join {{ ref('int_duplicates__titles') }} as b on pairs.candidate_b = b.candidate_id
    where not pairs.is_kept_apart
),

evidence as (
    select
        if(is_a_first, candidate_b, candidate_a) as candidate_id,
        evidence
        || case when evidence = 'near' then format(' ({:.3f})', similarity) else '' end
        || ' with ' || if(is_a_first, candidate_a, candidate_b) as line,
        row_number() over (
            partition by if(is_a_first, candidate_b, candidate_a), evidence
            order by similarity desc nulls last, if(is_a_first, candidate_a, candidate_b)
        ) as rank_of_evidence
    from pairs
),

-- The strongest of each evidence speaks; a line each, so that a rule's pattern ends where the line does.
final as (
    select
        candidate_id,
        'duplicate_evidence' as field,
        string_agg(line, e'\n' order by line) as field_text
    from evidence
    where rank_of_evidence = 1
    group by candidate_id
)

select * from final
