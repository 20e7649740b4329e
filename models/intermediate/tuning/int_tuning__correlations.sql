-- How far the things of one day share their luck, per type of thing: by moments over all sources at once, for one
-- source alone has too few days to tell it. Of edits a rule of text is what succeeds or does not.

{{ config(schema='scratch') }}

with

days as (
    select
        item_type,
        source_key,
        if(item_type = 'edit', value, '') as about,
        happened_on,
        any_value(in_count) as decided,
        any_value(in_successes) as promoted
    from {{ ref('int_tuning__batches') }}
    where
        kind = 'text_normalisation_rule'
        or (kind = 'pause' and direction = 'pause')
        or (kind = 'run_frequency' and direction = 'less')
    group by all
),

moments as (
    {{ day_moments('days', ['item_type', 'source_key', 'about']) }}
),

final as (
    select
        item_type,
        {{ day_correlation() }} as day_correlation
    from moments
    group by item_type
)

select * from final
