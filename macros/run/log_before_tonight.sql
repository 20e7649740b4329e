{#
  A log as the last night left it; on the first night no rows, of the types of `like`, a CTE of the model or a
  select list over one.
#}
{% macro log_before_tonight(like) -%}
    {%- if is_incremental() -%}
        select * from {{ this }}
    {%- else -%}
        select * from ({{ like }}) limit 0
    {%- endif -%}
{%- endmacro %}
