-- Every erasure of a person: who had it done, which files were rewritten, and the tombstones by which rows of that
-- person are known when they come again. No line names the person.

with

typed as (
    {{ typed_rows() }}
),

judged as (
    select * replace (coalesce(source_files, []) as source_files)
    from typed
),

final as (
    {{ kept_rows('judged') }}
)

select * from final
