-- What titles say that no night before has compared.

{{ config(schema='scratch') }}

with

final as (
    select * from {{ ref('int_duplicates__title_sets') }}
    where loaded_in_run >= {{ run_number() }}
)

select * from final
