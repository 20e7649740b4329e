{#
  The step of each line that does not say its own: the last one of the run's selections that are not after what the line
  does say, else of all of them.

  identity: the columns that tell the lines of a run and mission apart.
  bounds: pairs of a selection's column and a line's, the closest first.
#}
{% macro last_steps(lines, selections, identity, bounds) -%}
    with

    -- A run has thousands of cycles, and far more selections.
    steps as (
        select
            run_id,
            mission,
            epoch,
            reflection_cycle,
            guidance_step,
            max(global_step) as last_step
        from {{ selections }}
        group by run_id, mission, epoch, reflection_cycle, guidance_step
    )

    select
        lines.run_id,
        lines.mission,
        {% for column in identity -%}
        lines.{{ column }},
        {% endfor -%}
        coalesce(
            {% for of_selection, of_line in bounds -%}
            max(steps.last_step) filter (where steps.{{ of_selection }} <= lines.{{ of_line }}),
            {% endfor -%}
            max(steps.last_step)
        ) as last_step
    from {{ lines }} as lines
    inner join steps on lines.run_id = steps.run_id and lines.mission = steps.mission
    where lines.global_step is null
    group by lines.run_id, lines.mission{% for column in identity %}, lines.{{ column }}{% endfor %}
{%- endmacro %}
