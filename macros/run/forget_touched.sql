{#
  Pre-hook of the period marts: what the touched periods held before goes, whether or not they hold anything now.
  An upsert by key would leave the clusters of a period that has none any more.
#}
{% macro forget_touched(touched, columns=['period_granularity', 'period_starts_on']) %}
    {% if is_incremental() %}
        delete from {{ this }}
        where ({{ columns | join(', ') }}) in (select ({{ columns | join(', ') }}) from {{ touched }})
    {% endif %}
{% endmacro %}
