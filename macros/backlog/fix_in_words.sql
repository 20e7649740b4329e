{# What became of a promoted fix, in one sentence that every surface shows as it is. #}
{% macro fix_in_words() -%}
    format(
        'Promoted in {}{}: {}',
        promoted_in,
        coalesce(' as ' || issue_ref, ''),
        case
            when weeks_watched = 0 then 'nothing to compare with since'
            when effect = 'lowered' then format(
                'rate down to {:.2f} of before ({:.2f} to {:.2f}), {:,d} {} avoided so far{}',
                rate_ratio, rate_ratio_lower, rate_ratio_upper, events_avoided,
                case when claim_class is null then 'events' else 'wrong claims' end,
                coalesce('; back since ' || returned_in, '')
            )
            when effect = 'worse' then format(
                'rate up to {:.2f} of before ({:.2f} to {:.2f}), found in {}',
                rate_ratio, rate_ratio_lower, rate_ratio_upper, decided_in
            )
            else format(
                'cannot tell yet after {} {}: {:.2f} of before ({:.2f} to {:.2f})',
                weeks_watched, case when weeks_watched = 1 then 'week' else 'weeks' end,
                rate_ratio, rate_ratio_lower, rate_ratio_upper
            )
        end
    )
{%- endmacro %}
