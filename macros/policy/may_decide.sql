{# True when an actor might decide in a role at an instant. `approvals` is the model, or what stands for it before there
   are models. #}
{% macro may_decide(role, actor, at, approvals=none) -%}
    exists (
        select 1 from {{ approvals or ref('int_policy__approvals') }} as approvals
        where
            approvals.role = {{ role }}
            and (approvals.actor is null or approvals.actor = {{ actor }})
            and {{ in_force('approvals', at) }}
    )
{%- endmacro %}
