{#
  The SQL function scratch.is_too_deep(json_text): do objects and arrays nest deeper than 64? Strings are cut out, then
  64 times the innermost pairs; what is left lies deeper. Linear in the text, where a running depth over all brackets
  would be quadratic. A function of the database, because sqlfluff cannot parse a lambda within a model.
#}
{% macro create_is_too_deep() %}
    create or replace macro scratch.is_too_deep(json_text) as
        list_reduce(
            range(64)::varchar[],
            lambda brackets, turn: regexp_replace(brackets, '\{\}|\[\]', '', 'g'),
            regexp_replace(regexp_replace(json_text, '"(\\.|[^"\\])*"', '', 'g'), '[^\[{}\]]', '', 'g')
        ) != ''
{% endmacro %}
