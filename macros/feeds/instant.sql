{#
  An instant, or null when it cannot be read. RFC 3339, and the form of a Parquet file's instants (an offset of hours
  alone), go straight to a cast; what else ISO 8601 allows is put into that form first (scratch.iso_instant), at ten times
  the cost. The cast alone would take zone names, of which DuckDB's BST is Dhaka's time, and years to 294247, which no
  Python can hold.
#}
{% macro instant(text) -%}
    case
        when regexp_full_match(
            {{ text }}, '\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}:[0-5]\d(\.\d{1,6})?(Z|[+-]([01]\d|2[0-3])(:[0-5]\d)?)?)?'
        ) then try_cast({{ text }} as timestamptz)
        else scratch.iso_instant({{ text }})
    end
{%- endmacro %}
