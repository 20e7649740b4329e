{#
  What tonight changes in a log of stays: it begins those of which `open_before` says nothing or something else, and
  ends those that `tonight` says no more. Both are CTEs; `key` names the thing, `told` the column of what is said of it.
#}
{% macro changed_stays(tonight, open_before, key, told) %}
    {%- set same -%}
        on {{ tonight }}.{{ key }} = {{ open_before }}.{{ key }}
            and {{ tonight }}.{{ told }}::varchar = {{ open_before }}.{{ told }}::varchar
    {%- endset %}
    select
        {{ tonight }}.{{ key }},
        {{ as_of() }} as since,
        null::timestamptz as ended_at,
        {{ tonight }}.* exclude ({{ key }})
    from {{ tonight }}
    anti join {{ open_before }} {{ same }}
    union all
    select {{ open_before }}.* replace ({{ as_of() }} as ended_at)
    from {{ open_before }}
    anti join {{ tonight }} {{ same }}
{%- endmacro %}
