{#
  What a cluster is called, its signature first. One that only hashes what the signals say of themselves is called by
  that. The signal stands behind the name unless the name says it already.
#}
{% macro cluster_name() -%}
    {%- set name -%}
        case
            when regexp_full_match(cluster_signature, 'ls_[0-9a-f]{20}') then coalesce(
                nullif(array_to_string(issue_types[1:2], ', '), ''), nullif(array_to_string(invariant_ids[1:2], ', '), ''),
                cluster_signature
            )
            else cluster_signature
        end
    {%- endset -%}
    {{ name }} || case
        when contains(lower(replace({{ name }}, '_', ' ')), lower(replace(signal_type_top, '_', ' '))) then ''
        else ' (' || replace(signal_type_top, '_', ' ') || ')'
    end
{%- endmacro %}
