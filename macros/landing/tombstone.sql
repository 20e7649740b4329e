{# What a person's rows are known by after an erasure: a keyed digest that names nobody. python/learning_loop/erasure.py
   says the same. #}
{% macro tombstone(pseudonym) -%}
    sha256(run.salt() || ':erased:' || {{ pseudonym }})
{%- endmacro %}
