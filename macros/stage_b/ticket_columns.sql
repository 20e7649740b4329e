{# What every line on a ticket gets beside its own fields: of key, group and label each follows from the others. #}
{% macro ticket_columns() -%}
    {%- set rules -%}
        when coalesce(ticket_key, group_id || '::' || gt_label) is null then {{ defect('missing_field', 'ticket_key') }}
        when coalesce(group_id, {{ key_part('ticket_key', 1) }}) is null then {{ defect('missing_field', 'group_id') }}
        when coalesce(gt_label, {{ key_part('ticket_key', 2) }}) is null then {{ defect('missing_field', 'gt_label') }}
        when length(coalesce(ticket_key, group_id || '::' || gt_label)) > 256
            then {{ defect('id_too_long', 'ticket_key') }}
    {%- endset -%}
    {{ line_columns(also=rules) }},
    coalesce(ticket_key, group_id || '::' || gt_label) as ticket_key,
    coalesce(group_id, {{ key_part('ticket_key', 1) }}) as group_id,
    coalesce(gt_label, {{ key_part('ticket_key', 2) }}) as gt_label
{%- endmacro %}
