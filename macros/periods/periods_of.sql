{# The days and weeks in which the instants of a relation lie, each once. #}
{% macro periods_of(relation, instant, condition='true') -%}
    select unnest({{ period_starts('day') }}, recursive := true)
    from (select distinct {{ instant }}::date as day from {{ relation }} where {{ condition }})
{%- endmacro %}
