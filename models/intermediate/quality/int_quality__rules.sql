-- The quality rules in force at as_of, under the version that their rows make: two nights with one rule_version judged
-- alike.

{{ config(pre_hook="{{ create_quality_engine() }}") }}

with

in_force as (
    select policy.* exclude (valid_to)
    from ({{ policy_periods(ref('quality_rules'), ['rule_id']) }}) as policy
    where {{ in_force('policy', as_of()) }} and policy.is_active
),

final as (
    select
        rule_id,
        dimension,
        field,
        kind,
        parameter,
        penalty,
        is_hard_fail,
        'qr_'
        || left(sha256(string_agg(to_json(in_force)::varchar, e'\n' order by rule_id) over ()), 12) as rule_version
    from in_force
)

select * from final
