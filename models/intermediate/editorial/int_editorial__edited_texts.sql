-- What an editor made of a candidate's text, beside the text as it came: the labels of touched candidates that carry a
-- final text. A part that the editor did not send was left as it was.

{{ config(schema='scratch') }}

with

labels as ({{ known_rows(ref('stg_ingest_editor_labels'), 'created_at') }}
),

candidates as ({{ known_rows(ref('stg_ingest_candidates'), 'created_at') }}
),

final as (
    select
        labels.label_id,
        candidates.title || e'\n' || coalesce(candidates.description, '') as original_text,
        coalesce(labels.final_title, candidates.title) || e'\n'
        || coalesce(labels.final_description, candidates.description, '') as final_text
    from labels
    semi join {{ ref('int_editorial__touched_candidates') }} as touched
        on labels.candidate_id = touched.candidate_id
    inner join candidates
        on labels.candidate_id = candidates.candidate_id
    where labels.final_title is not null or labels.final_description is not null
)

select * from final
