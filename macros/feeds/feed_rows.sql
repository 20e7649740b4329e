{# Tonight's rows of one feed, each with the defect that keeps it from being parsed, if any. #}
{% macro feed_rows(feed) -%}
    select
        source_file,
        raw_row,
        {{ row_defect('raw_row') }} as row_defect
    from {{ ref('landing_rows') }}
    where feed = '{{ feed }}'
{%- endmacro %}

{# What the materialization landing_feed wants of every row beside its content. #}
{% macro landing_verdict() -%}
    source_file,
        false as is_ignored,
        coalesce(row_defect, defect.reason_code) as reason_code,
        case when row_defect is null then defect.detail else {{ row_defect_detail('raw_row') }} end as detail,
        case when reason_code is not null then {{ quarantine_text('raw_row') }} end as raw_row
{%- endmacro %}

{# The rows of a feed's store that exist for the run: not lost to a better version, and not after as_of. #}
{% macro known_rows(store, instant) -%}
    select * exclude (source_file, row_number, reader_version, is_displaced)
    from {{ store }}
    where not is_displaced and {{ instant }} <= {{ as_of() }}
{%- endmacro %}
