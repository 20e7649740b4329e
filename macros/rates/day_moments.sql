{#
  What the correlation of decisions within a day is estimated from, a row per group of days (decided, promoted: doubles).
  Of independent decisions the squared distances of the days from their group's rate sum to variance * base; a correlation
  r within a day adds variance * r * slope.
#}
{% macro day_moments(days, keys) -%}
    {%- set keys = keys | join(', ') -%}
    select
        {{ keys }},
        any_value(all_decided) as decided_count,
        any_value(all_promoted) as promoted_count,
        any_value(squares / all_decided) as mean_batch,
        {{ exact_sum('power(promoted - decided * all_promoted / all_decided, 2)', digits=38) }} as distance,
        any_value(
            all_promoted * (all_decided - all_promoted) / (all_decided * greatest(all_decided - 1, 1))
        ) as variance,
        any_value(all_decided - squares / all_decided) as base,
        {{ exact_sum(
            'decided * (decided - 1) * (1 - 2 * decided / all_decided + squares / power(all_decided, 2))', digits=38
        ) }} as slope
    from (
        select
            *,
            sum(decided) over of_group as all_decided,
            sum(promoted) over of_group as all_promoted,
            sum(decided * decided) over of_group as squares
        from {{ days }}
        window of_group as (partition by {{ keys }})
    ) as rated
    group by {{ keys }}
{%- endmacro %}
