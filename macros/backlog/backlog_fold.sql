{#
  What became of every key: a fold over what the runs proposed and what people decided, one row per step.
  The same SQL says what tonight's run finds (the log before tonight), what is published (the log with tonight), and
  what the command line foresees (with a decision that is not landed yet).

  A key goes from step to step to the next entry that concerns it: any decision, and a run only where it finds no
  candidate or reopens a dismissed one. So the steps are few, however many nights there were. The last entry of a key
  closes it at `closes_at`: it decides nothing, and takes up the content that the runs brought since the step before.

  proposals: run_id, proposed_at, proposal_number, candidate_key, verdict, period_starts_on, priority_score, priority,
             missing_parts, reopen_min_priority_gain, reopen_min_label_gain
  decisions: int_backlog__decisions; transitions: the seed backlog_transitions
#}
{% macro backlog_fold(proposals, decisions, transitions, closes_at) -%}
with recursive

entries as materialized (
    {{ backlog_entries(proposals, decisions, closes_at) }}
),

steps as (
    {{ backlog_no_step('entries') }}
    union all
    {{ backlog_next_step('steps', 'entries', transitions) }}
)

select * from steps
where step_number > 0
{%- endmacro %}

{# Before its first entry a key has no state. #}
{% macro backlog_no_step(entries) -%}
    select distinct
        candidate_key,
        0::bigint as entry_number,
        0::bigint as step_number,
        null::timestamptz as entered_at,
        null::varchar as entry_kind,
        null::varchar as entry_id,
        null::varchar as actor,
        null::varchar as status_before,
        null::varchar as rejected_because,
        null::varchar[] as missing_steps,
        null::varchar as reopened_because,
        null::varchar as status,
        null::timestamptz as status_changed_at,
        null::varchar as decided_by,
        null::timestamptz as approved_at,
        null::varchar as approved_by,
        null::timestamptz as reopened_at,
        0::bigint as reopened_count,
        null::timestamptz as dismissed_at,
        null::double as dismissed_priority_score,
        null::varchar as dismissed_priority,
        null::timestamptz as snoozed_until,
        {{ backlog_content_of('null', 'null') }} as content
    from {{ entries }}
{%- endmacro %}

{# What the fold must know of the content that a candidate shows: which proposal it is, and what a decision asks of it. #}
{% macro backlog_content_of(entry_number, proposal) -%}
    case when {{ entry_number }} is not null then {
        'entry_number': {{ entry_number }}::bigint
        {%- for column, type in [
            ('run_id', 'varchar'), ('proposal_number', 'bigint'), ('proposed_at', 'timestamptz'),
            ('priority_score', 'double'), ('priority', 'varchar'), ('missing_parts', 'varchar[]')
        ] %},
        '{{ column }}': {{ 'null' if proposal == 'null' else proposal ~ '.' ~ column }}::{{ type }}
        {%- endfor %}
    } end
{%- endmacro %}
