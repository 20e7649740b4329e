{# The run is the folder below stage_b: a line never names it. #}
{% macro stage_b_run_id() -%} split_part(source_file, '/', 2) {%- endmacro %}
