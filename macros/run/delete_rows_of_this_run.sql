{# Pre-hook of a log: a second run at one as_of replaces the rows of the first. #}
{% macro delete_rows_of_this_run(condition='true') -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where run_id = {{ run_id() }} and {{ condition }}
    {%- endif -%}
{%- endmacro %}
