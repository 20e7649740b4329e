{# In how many weeks something was seen, of all that are known; a first week is none in which it recurs. #}
{% macro recurrence_in_words() -%}
    case
        when weeks_recurring > 1
            then 'in ' || weeks_recurring || ' weeks, the first ' || {{ period_key("'week'", 'first_recurred_on') }}
        else 'in ' || period_key || ' for the first time'
    end
{%- endmacro %}
