-- The weights of each model: a score is the logistic of their sum over what a candidate has.

{{ config(materialized='view') }}

with

final as (
    select
        model_version,
        target,
        unnest(weights, recursive := true) -- noqa: AL03
    from {{ ref('model_versions') }}
)

select * from final
