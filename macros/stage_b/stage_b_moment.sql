{# When in a run a line was written, to order by: step, step of the epoch, cycle, epoch; what a line leaves out comes first. #}
{% macro stage_b_moment(line) -%}
    (
        {{ line }}.global_step, coalesce({{ line }}.epoch_step, -1), coalesce({{ line }}.reflection_cycle, -1),
        {{ line }}.epoch
    )
{%- endmacro %}
