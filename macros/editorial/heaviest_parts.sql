{# The five features that weigh most, beside the intercept, which is of all candidates alike. #}
{% macro heaviest_parts(parts) -%}
    [
        {'feature': part.feature, 'says': part.says, 'adds': {{ rounded('part.adds', 4) }}}
        for part in list_reverse_sort([part for part in {{ parts }} if part.feature != 'intercept' and part.size > 0])[:5]
    ]
{%- endmacro %}
