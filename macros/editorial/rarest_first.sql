{# Words in the one order that all titles share: long ones first, for they are the rarer. The order decides what a
   night costs, never what it finds, so it may be a guess; as a function of the word alone it stays valid for ever. #}
{% macro rarest_first(words) -%}
    [entry.word for entry in list_sort([{'rank': -length(word), 'word': word} for word in {{ words }}])]
{%- endmacro %}
