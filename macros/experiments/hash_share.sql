{# A text as a number from 0 up to 1, the same in every version of DuckDB: chance that can be had again. #}
{% macro hash_share(text) -%}
    (md5_number_lower({{ text }}) / 18446744073709551616.0::double)
{%- endmacro %}
