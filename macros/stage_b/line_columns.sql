{#
  What every Stage-B line gets beside its own fields. The mission is its folder's. A line mostly bears no time: then it
  stands at the first instant that may be, so that it exists at every as_of and its run alone (int_stage_b__runs) decides.
  Not the file's time: it depends on delivery.
#}
{% macro line_columns(also='') -%}
    {{ stage_b_mission() }} as mission,
    coalesce(row_at, timestamptz '2000-01-01 00:00:00+00') as row_at,
    coalesce(defect, case
        when mission != {{ stage_b_mission() }}
            then {{ defect('mission_mismatch', 'the line names another mission than its folder') }}
        {{ also }}
    end) as defect
{%- endmacro %}
