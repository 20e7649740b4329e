-- The rules that each candidate's own texts meet. Candidates that are scored under tonight's rule_version already are
-- not scored again.

{{ config(materialized='incremental', pre_hook="{{ forget_scores() }}") }}
-- depends_on: {{ ref('int_editorial__touched_candidates') }}
-- The same texts as rows, which `rules try` reads: {{ ref('int_quality__texts') }}

with

rules as (
    select * from {{ ref('int_quality__rules') }}
),

scored as (
    {{ log_before_tonight("select ''::varchar as candidate_id from rules") }}
),

candidates as not materialized (
    select known.*
    from {{ ref('idea_candidates') }} as known
    anti join scored on known.candidate_id = scored.candidate_id
),

texts as not materialized ({{ quality_texts('candidates') }}
),

hits as ({{ quality_hits('texts', 'rules', quality_fields() | list, known_rules(ref('int_quality__rules'))) }}
),

final as (
    select
        candidates.candidate_id,
        (select any_value(rule_version) from rules) as rule_version,
        coalesce(hits.hits, []) as hits
    from candidates
    left join hits on candidates.candidate_id = hits.candidate_id
)

select * from final
