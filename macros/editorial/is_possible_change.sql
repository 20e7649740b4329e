{# Whether a change would change anything of a source as it is set: what is so already is no suggestion. #}
{% macro is_possible_change(change, states) -%}
    {%- set includes = "len([pattern for pattern in coalesce(" ~ states ~ ".include_url_patterns, []) if contains(pattern, "
        ~ change ~ ".value)]) > 0" -%}
    {%- set excludes = includes | replace('include', 'exclude') -%}
    coalesce(case {{ change }}.kind || ' ' || {{ change }}.direction
            when 'include_pattern add' then not ({{ includes }})
            when 'include_pattern remove' then {{ includes }}
            when 'exclude_pattern add' then not ({{ excludes }})
            when 'exclude_pattern remove' then {{ excludes }}
            when 'quality_threshold raise' then {{ states }}.quality_threshold < {{ change }}.value::double
            when 'pause pause' then not {{ states }}.is_paused
            when 'pause resume' then {{ states }}.is_paused
            else true
        end, false)
{%- endmacro %}
