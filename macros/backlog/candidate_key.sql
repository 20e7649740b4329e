{# The key of a candidate: it names its source and subject, and ends in a hash that tells apart what reads alike. #}
{% macro candidate_key(prefix, source_ref) -%}
    {{ prefix }} || ':' || {{ source_ref }} || ':' || left(sha1({{ prefix }} || ':' || {{ source_ref }}), 16)
{%- endmacro %}
