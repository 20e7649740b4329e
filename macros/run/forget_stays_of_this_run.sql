{# Pre-hook of a log of stays: a second run at one as_of replaces the first, so what the first one began never was, and
   what it ended still stands. #}
{% macro forget_stays_of_this_run() -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where since = {{ as_of() }};
        update {{ this }} set ended_at = null where ended_at = {{ as_of() }}
    {%- endif -%}
{%- endmacro %}
