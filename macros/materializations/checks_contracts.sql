{# Whether a model's columns are compared with its contract before it is built. A night that runs the code of the
   published file has nothing to compare; LEARNING_LOOP_CONTRACTS is `new` there, and whatever else builds checks all. #}
{% macro checks_contracts() %}
    {% set asked = env_var('LEARNING_LOOP_CONTRACTS', 'all') %}
    {{ return(asked == 'all' or flags.FULL_REFRESH or (asked == 'new' and load_cached_relation(this) is none)) }}
{% endmacro %}
