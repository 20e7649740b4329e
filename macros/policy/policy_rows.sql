{# The rows of one policy seed as policy_log seals them: what names a row, and the hash of all it says. A row may name the
   experiment that it rests on; a seed that gets this column later keeps the seals of the rows that name none. #}
{% macro policy_rows(policy, keys=[]) -%}
    select
        '{{ policy.identifier }}' as policy,
        {% if keys %}concat_ws('/', {{ keys | join(', ') }}){% else %}''{% endif %} as row_key,
        effective_from,
        rationale,
        nullif(to_json(policy_row) ->> 'experiment_id', '') as experiment_id,
        sha256(case
            when to_json(policy_row) ->> 'experiment_id' is null
                then json_merge_patch(to_json(policy_row), '{"experiment_id": null}')
            else to_json(policy_row)
        end::varchar) as row_hash
    from {{ policy }} as policy_row
{%- endmacro %}
