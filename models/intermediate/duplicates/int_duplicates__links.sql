-- What ties candidates together and what keeps them apart, the older of two first: the least that groups need to know.
-- Of two candidates the strongest word counts: kept apart, then confirmed, then the same text, then near.

{{ config(schema='scratch') }}

with

candidates as (
    select
        candidate_id,
        epoch_us(created_at) as created_us,
        title_key
    from {{ ref('int_duplicates__titles') }}
),

said as (
    select
        candidate_a,
        candidate_b,
        if(evidence = 'exact', 'same', evidence) as relation
    from {{ ref('duplicate_pairs') }}
    where not is_kept_apart
    union all
    select
        candidate_id as candidate_a,
        duplicate_of as candidate_b,
        'apart' as relation
    from {{ ref('ingest_editor_labels') }}
    where not is_machine and duplicate_confirmed = false and duplicate_of != candidate_id
),

-- A candidate that an editor names and nobody brought is younger than all.
aged as (
    select
        said.candidate_a,
        said.candidate_b,
        if(said.relation = 'near' and a.title_key = b.title_key, 'same', said.relation) as relation,
        coalesce(a.created_us, 9223372036854775807) as created_us_a,
        coalesce(b.created_us, 9223372036854775807) as created_us_b,
        (created_us_a, said.candidate_a) < (created_us_b, said.candidate_b) as is_a_older
    from said
    left join candidates as a on said.candidate_a = a.candidate_id
    left join candidates as b on said.candidate_b = b.candidate_id
),

final as (
    select
        if(is_a_older, candidate_a, candidate_b) as older_id,
        if(is_a_older, candidate_b, candidate_a) as younger_id,
        min(least(created_us_a, created_us_b)) as older_us,
        min(greatest(created_us_a, created_us_b)) as younger_us,
        min_by(relation, list_position(['apart', 'confirmed', 'same', 'near'], relation)) as relation
    from aged
    group by older_id, younger_id
)

select * from final
