{#
  What became of every key: a fold over what the runs proposed and what people decided, one row per step.
  The same SQL says what tonight's run finds (the log before tonight), what is published (the log with tonight), and
  what the command line foresees (with a decision that is not landed yet).

  A key goes from step to step to the next entry that concerns it: any decision, and a run only where it finds no
  candidate or reopens a dismissed one. So the steps are few, however many nights there were. The last entry of a key
  closes it at `closes_at`: it decides nothing, and takes up the content that the runs brought since the step before.

  proposals: run_id, proposed_at, proposal_number, candidate_key, verdict, period_starts_on, priority_score, priority,
             missing_parts, reopens_because
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
