{# The rows of one policy seed as policy_log seals them: what names a row, and the hash of all it says. #}
{% macro policy_rows(policy, keys=[]) -%}
    select
        '{{ policy.identifier }}' as policy,
        {% if keys %}concat_ws('/', {{ keys | join(', ') }}){% else %}''{% endif %} as row_key,
        effective_from,
        sha256(to_json(policy_row)::varchar) as row_hash
    from {{ policy }} as policy_row
{%- endmacro %}
