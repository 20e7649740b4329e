{# The rows of a feed's store that exist for the run: not lost to a better version, and not after as_of. #}
{% macro known_rows(store, instant) -%}
    select * exclude (source_file, row_number, reader_version, is_displaced)
    from {{ store }}
    where not is_displaced and {{ instant }} <= {{ as_of() }}
{%- endmacro %}
