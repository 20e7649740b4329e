-- Every idea that a run extracted from a source, once per id, for ever. The idea key is taken from the text as it came:
-- two ideas that differ in an address alone are two, though the address itself is not stored.

with

typed as (
    {{ typed_rows() }}
),

judged as (
    select
        * replace (coalesce(strategy, 'unknown') as strategy),
        {{ idea_key('source_key', 'source_url', 'title', 'description') }} as idea_key
    from typed
),

final as (
    {{ kept_rows('judged') }}
)

select * from final
