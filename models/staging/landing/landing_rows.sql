-- Tonight's rows of every feed, still text. A view: a feed reads its own files once, and no raw text is stored.

{{ config(schema='scratch') }}

with

tonight as (
    {{ tonight_rows() }}
),

final as (
    select
        feed,
        source_file,
        row_number,
        raw_row
    from tonight
)

select * from final
