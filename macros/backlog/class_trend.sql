{#
  Whether a class's claims are wrong more often than in the weeks before: the difference of the two shares with its
  Newcombe interval. That it fell is said only of a week whose claims have all had their time: fresh ones look right.
#}
{% macro class_trend(classes, before) -%}
    {%- set wrong, claims = classes ~ '.incorrect_count', classes ~ '.sample_count' -%}
    {%- set before_wrong, before_claims = before ~ '.incorrect_count', before ~ '.sample_count' -%}
    {%- set lower = rounded(difference_lower(wrong, claims, before_wrong, 'nullif(' ~ before_claims ~ ', 0)'), 6) -%}
    {%- set upper = rounded(difference_upper(wrong, claims, before_wrong, 'nullif(' ~ before_claims ~ ', 0)'), 6) -%}
    to_json({
        'trend': case
            when {{ lower }} > 0 then 'rising'
            when {{ upper }} < 0 and ({{ classes }}.details ->> '$.matured_share')::double = 1 then 'falling'
            else 'cannot_tell'
        end,
        'wrong_share': {{ rounded(wrong ~ ' / ' ~ claims, 6) }},
        'wrong_share_before': {{ rounded(before_wrong ~ ' / nullif(' ~ before_claims ~ ', 0)', 6) }},
        'claims_before': coalesce({{ before_claims }}, 0),
        'difference': {{ rounded(wrong ~ ' / ' ~ claims ~ ' - ' ~ before_wrong ~ ' / nullif(' ~ before_claims ~ ', 0)', 6) }},
        'difference_lower': {{ lower }},
        'difference_upper': {{ upper }}
    })
{%- endmacro %}
