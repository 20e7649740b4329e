{# Each feed's model as a parent, in comments: what must have been read before the feeds are counted. dbt wants to know it
   while it parses, when it knows neither seeds nor YAML: hence the var. #}
{% macro every_feed() -%}
    {%- for feed in var('feeds') %}
-- depends_on: {{ ref('stg_' ~ feed) }}
    {%- endfor %}
{%- endmacro %}
