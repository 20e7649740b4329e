{# The commonest phases by name; a title is no list. #}
{% macro named_phases(phases) -%}
    case
        when coalesce(len({{ phases }}), 0) = 0 then 'no named phase'
        when len({{ phases }}) = 1 then 'phase ' || {{ phases }}[1]
        else
            'phases ' || array_to_string({{ phases }}[1:3], ', ')
            || case when len({{ phases }}) > 3 then ' and ' || (len({{ phases }}) - 3) || ' more' else '' end
    end
{%- endmacro %}
