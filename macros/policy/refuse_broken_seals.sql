{# Post-hook of policy_log: stops the night, by name, when a policy row that was used is not what it was. #}
{% macro refuse_broken_seals() %}
    {% if execute %}
        {% set broken = run_query(
            "select sealed.policy, sealed.row_key, sealed.effective_from::date::varchar,"
            ~ " case when not sealed.is_gone then 'got a row before it'"
            ~ " when seed_row.policy is not null then 'changed' else 'vanished' end"
            ~ " from " ~ this ~ " as sealed"
            ~ " left join (select *, lag(effective_from) over (partition by policy, row_key order by effective_from)"
            ~ " as predecessor_from from " ~ ref('int_policy__rows') ~ ") as seed_row"
            ~ " on sealed.policy = seed_row.policy and sealed.row_key = seed_row.row_key"
            ~ " and sealed.effective_from = seed_row.effective_from"
            ~ " where sealed.sealed_at is not null"
            ~ " and (sealed.is_gone or seed_row.predecessor_from is distinct from sealed.predecessor_from)"
            ~ " order by all limit 5"
        ) %}
        {% if broken.rows %}
            {% set found = [] %}
            {% for row in broken.rows %}
                {% do found.append(
                    "seeds/policy/" ~ row[0] ~ ".csv, the row" ~ (" of " ~ row[1] if row[1] else "")
                    ~ " effective from " ~ row[2] ~ " was used by an earlier night and has since " ~ row[3]
                ) %}
            {% endfor %}
            {% do exceptions.raise_compiler_error(
                found | join('; ') ~ ". Restore it, and change a threshold by adding a row with a later effective_from."
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}
