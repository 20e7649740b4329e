{#
  Nights that published nothing, from the failed_nights.jsonl that they left beside the warehouse. Readers of the
  published file run no night, and know of no such file.
#}
{% macro failed_nights() -%}
    {%- set file = run_query("select run.failed_nights()").rows[0][0] if execute and target.name != 'published' else none -%}
    {%- if file -%}
        select distinct
            run_id,
            status,
            as_of,
            code_version,
            started_at,
            finished_at,
            '{}'::json as rows_loaded,
            '{}'::json as rows_quarantined,
            null::integer as tests_passed,
            null::integer as run_number,
            null::boolean as is_bridge_enabled,
            error
        from read_json(
            '{{ file | replace("'", "''") }}',
            format = 'newline_delimited',
            ignore_errors = true,
            columns = {
                run_id: 'varchar', status: 'varchar', as_of: 'timestamptz', code_version: 'varchar',
                started_at: 'timestamptz', finished_at: 'timestamptz', error: 'varchar'
            }
        )
        where run_id is not null
    {%- else -%}
        select * from tonight limit 0
    {%- endif -%}
{%- endmacro %}
