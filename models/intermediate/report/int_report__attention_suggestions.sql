-- Suggestions that wait for a person: confirmed and neither planned nor refused, planned and ready, adopted, not held.

with

asking as (
    select
        *,
        {{ suggestion_in_words('states') }} as in_words,
        (evidence ->> '$.p_value')::double as p_value,
        case
            when status = 'open' and verdict = 'confirmed' then 'suggestion_confirmed'
            when status = 'planned' and experiment_verdict = 'ready_for_approval' then 'suggestion_ready'
            when status = 'adopted' and held = 'not_held' then 'suggestion_not_held'
        end as kind_of_item
    from {{ ref('suggestion_states') }} as states
),

final as (
    select
        kind_of_item as kind,
        suggestion_id as item_key,
        source_key || ': ' || in_words as title,
        case kind_of_item
            when 'suggestion_confirmed'
                then format(
                    'on days that it was not learnt from: {} of {}{}; chance {:.2g}',
                    evidence ->> '$.held_out_in_successes',
                    evidence ->> '$.held_out_in_count',
                    coalesce(
                        ', the rest ' || (evidence ->> '$.held_out_out_successes')
                        || ' of ' || (evidence ->> '$.held_out_out_count'), ''
                    ),
                    p_value
                )
            when 'suggestion_ready' then 'its experiment ' || experiment_id || ' is ready for approval'
            else 'adopted with ' || coalesce(config_version, 'no version') || ', and its effect did not hold'
        end as detail,
        1::bigint as item_count,
        1 - coalesce(p_value, 0) as urgency,
        case when kind_of_item = 'suggestion_confirmed' then first_night else decided_at end as opened_at
    from asking
    where kind_of_item is not null
)

select * from final
