-- Which items a change would touch: the folder it would include or leave out, the selector it would prefer, what a
-- threshold would hide, the edits that a rule of text would have made. A pause and a cadence touch all of a source.

{{ config(schema='scratch') }}

with

segmented as (
    select
        item_type,
        item_id,
        source_key,
        is_held_out,
        is_success,
        unnest(
            case item_type
                when 'candidate'
                    then list_filter(
                        [
                            { 'kind': 'include_pattern', 'value': url_folder },
                            { 'kind': 'exclude_pattern', 'value': url_folder },
                            { 'kind': 'selector_priority', 'value': selector },
                            { 'kind': 'pause', 'value': 'all' }
                        ]
                        || [
                            { 'kind': 'quality_threshold', 'value': format('{:.2f}', tenth / 10.0) }
                            for tenth in range(3, 10) if {{ rounded('total') }} < {{ rounded('tenth / 10.0') }}
                        ],
                        lambda segment: segment.value is not null
                    )
                when 'edit'
                    then [
                        { 'kind': 'text_normalisation_rule', 'value': rule.value } for rule in {{ text_rules("''") }}
                    ]
                else [{ 'kind': 'run_frequency', 'value': 'less often' }]
            end,
            recursive := true
        ),
        fitting_rules
    from {{ ref('int_tuning__items') }}
),

final as (
    select
        source_key,
        kind,
        value,
        item_type,
        item_id,
        is_held_out,
        case when kind = 'text_normalisation_rule' then list_contains(fitting_rules, value) else is_success end
            as is_success
    from segmented
)

select * from final
