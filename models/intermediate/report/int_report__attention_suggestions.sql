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
                    'on days kept aside to check it: {} of {}{}; by chance {}',
                    format('{:,}', (evidence ->> '$.held_out_in_successes')::bigint),
                    format('{:,}', (evidence ->> '$.held_out_in_count')::bigint),
                    coalesce(
                        format(
                            ', of the rest {:,} of {:,}',
                            (evidence ->> '$.held_out_out_successes')::bigint,
                            (evidence ->> '$.held_out_out_count')::bigint
                        ),
                        ''
                    ),
                    case
                        when p_value < 0.00001 then 'under 1 in 100,000' else format('1 in {:,.0f}', 1 / p_value)
                    end
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
