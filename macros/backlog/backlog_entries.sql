{# All that concerns a key, in its order: by instant; a decision before a run; decisions of one instant by id. #}
{% macro backlog_entries(proposals, decisions, closes_at) -%}
    with

    unordered as (
        select
            candidate_key, decided_at as entered_at, decision as entry_kind, decision_id as entry_id, actor,
            is_by_approver, snooze_until, test_completed_at, shadow_passed_at,
            null as proposal
        from {{ decisions }}
        union all by name
        select
            candidate_key, proposed_at as entered_at, 'run' as entry_kind, run_id as entry_id,
            -- Not the whole row: its texts would be carried through every step.
            {
                {%- for column in ['verdict', 'reopens_because'] + backlog_content_columns() | list %}
                '{{ column }}': {{ column }}{{ ',' if not loop.last }}
                {%- endfor %}
            } as proposal
        from {{ proposals }}
        where verdict in ('written', 'still_dismissed')
        union all by name
        select distinct candidate_key, {{ closes_at }} as entered_at, 'close' as entry_kind, 'close' as entry_id
        from (select candidate_key from {{ proposals }} union select candidate_key from {{ decisions }})
    ),

    numbered as (
        select
            *,
            row_number() over (
                partition by candidate_key
                order by entry_kind = 'close', entered_at, entry_kind = 'run', entry_id
            ) as entry_number
        from unordered
    )

    select
        *,
        last_value({{ backlog_content_of('case when proposal is not null then entry_number end', 'proposal') }} ignore nulls)
            over (partition by candidate_key order by entry_number) as latest_content
    from numbered
{%- endmacro %}
