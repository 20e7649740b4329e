-- The days whose figures may differ from last night's. A label that comes late takes its candidate out of the day of
-- the label before, so all days of a touched candidate are touched.

{{ config(schema='scratch') }}

with

touched as (
    select * from {{ ref('int_editorial__touched_candidates') }}
),

final as (
    select labels.created_at::date as period_starts_on
    from {{ ref('stg_ingest_editor_labels') }} as labels
    semi join touched on labels.candidate_id = touched.candidate_id
    where labels.created_at <= {{ as_of() }}
    union
    select candidates.created_at::date as period_starts_on
    from {{ ref('stg_ingest_candidates') }} as candidates
    semi join touched on candidates.candidate_id = touched.candidate_id
    where candidates.created_at <= {{ as_of() }}
)

select * from final
