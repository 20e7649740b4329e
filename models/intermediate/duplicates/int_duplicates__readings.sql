-- What the words of the seed are read as, in force at as_of: one row, under the version that its words make, so that a
-- title read otherwise is read again.

{{ config(schema='scratch') }}

with

in_force as ({{ policy_in_force(ref('title_word_readings'), ['word']) }}
),

final as (
    select
        map(list(word order by word), list(reads_as order by word)) as reads_as,
        list(word order by word) filter (where kind = 'negation') as negations,
        md5(string_agg(word || ' ' || kind || ' ' || reads_as, e'\n' order by word)) as readings_version
    from in_force
)

select * from final
