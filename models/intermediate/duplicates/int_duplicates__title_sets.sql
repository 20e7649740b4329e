-- What titles say, each once however many candidates say it.

{{ config(materialized='incremental', pre_hook="{{ forget_title_sets() }}") }}

with

policy as (
    select * from {{ ref('int_duplicates__policy') }}
),

titles as (
    select
        title_key,
        any_value(title_words order by candidate_id) as title_words,
        any_value(numbers order by candidate_id) as numbers,
        bool_or(is_denying) as is_denying,
        max(word_count)::integer as word_count
    from {{ ref('int_duplicates__titles') }}
    where word_count > 0
    group by title_key
),

seen as (
    {{ log_before_tonight('select title_key from titles') }}
),

-- Titles whose numbers differ, or of which one denies, never meet: the mark is in each of their keys.
final as (
    select
        titles.title_key,
        titles.title_words,
        titles.word_count,
        md5_number_lower(array_to_string(titles.numbers, ' ') || '|' || titles.is_denying) as mark,
        policy.policy_version,
        {{ run_number() }}::integer as loaded_in_run
    from titles
    cross join policy
    anti join seen on titles.title_key = seen.title_key
)

select * from final
