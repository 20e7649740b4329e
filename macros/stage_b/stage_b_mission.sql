{# The mission is the folder below that of the run; a line may leave it out. #}
{% macro stage_b_mission() -%} split_part(source_file, '/', 3) {%- endmacro %}
