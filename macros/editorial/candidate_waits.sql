{# How long each candidate has waited for its first decision, per trailing window in which it was created; the open ones
   until as_of. A decision dated before its candidate is a clock out of step: no wait at all. #}
{% macro candidate_waits() -%}
    select
        candidates.source_key,
        candidates.strategy,
        windows.window_days,
        labels.created_at is not null as is_decided,
        greatest(0, epoch_us(coalesce(labels.created_at, {{ as_of() }})) - epoch_us(candidates.created_at)) as waited_us
    from ({{ known_rows(ref('stg_ingest_candidates'), 'created_at') }}) as candidates
    inner join ({{ performance_windows() }}) as windows on {{ in_window('candidates.created_at') }}
    left join {{ ref('ingest_editor_labels') }} as labels
        on candidates.candidate_id = labels.candidate_id and labels.is_first_decision
{%- endmacro %}
