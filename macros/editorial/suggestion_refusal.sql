{# Why a decision on a suggestion changes nothing whatever its state is; null where nothing speaks against it. #}
{% macro suggestion_refusal() -%}
    case
            when not {{ may_decide("'approver'", 'decisions.actor', 'decisions.decided_at') }} then 'not_an_approver'
            when not known.is_known then 'unknown_suggestion'
            when decisions.decision = 'plan' and decisions.experiment_id is null then 'no_experiment'
            when decisions.decision = 'plan' and not known.is_standing then 'outdated'
            when decisions.decision != 'adopt' then null
            when machines.actor is not null then 'signed_by_a_machine'
            when decisions.config_version is null then 'no_config_version'
            when ready.decision_id is null then 'gate_not_ready'
            when dated_back.decision_id is not null then 'dated_back'
        end
{%- endmacro %}
