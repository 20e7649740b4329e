-- What the labels confirm should change about a source, and the sources that fell.
select
    coalesce(overview.display_name, suggestions.source_key) as source,
    suggestions.source_key,
    suggestions.suggestion_id,
    replace(suggestions.kind, '_', ' ') as kind,
    suggestions.value,
    suggestions.expected_effect,
    suggestions.held_out_effect,
    suggestions.held_out_in_successes,
    suggestions.held_out_in_count,
    suggestions.held_out_out_successes,
    suggestions.held_out_out_count,
    coalesce(overview.is_paused, false) as is_paused
from tuning_suggestions as suggestions
left join source_overview as overview on suggestions.source_key = overview.source_key
where suggestions.verdict = 'confirmed'
order by suggestions.expected_effect desc, source, suggestions.suggestion_id
