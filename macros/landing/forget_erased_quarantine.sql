{# Post-hook of the quarantine: rows that went from a file with tonight's erasures are not kept as released. #}
{% macro forget_erased_quarantine() -%}
    delete from {{ this }}
    where released_at = {{ as_of() }}
        and source_file in (
            select unnest(source_files)
            from {{ adapter.get_relation(database=this.database, schema='staging', identifier='stg_erasures') }}
            where loaded_in_run = {{ run_number() }}
        )
{%- endmacro %}
