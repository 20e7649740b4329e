{# Why a decision changes nothing, the first reason that holds; null when it is allowed. #}
{% macro backlog_rejection(entry, transitions) -%}
    case
        when {{ entry }}.entry_kind in ('run', 'close') then null
        when not {{ entry }}.is_by_approver then 'not_an_approver'
        when {{ entry }}.status is null then 'unknown_candidate'
        when {{ transitions }}.to_status is null then 'not_allowed_when_' || {{ entry }}.status
        when {{ entry }}.entry_kind = 'promote' and len({{ entry }}.missing_steps) > 0 then 'checklist_incomplete'
    end
{%- endmacro %}
