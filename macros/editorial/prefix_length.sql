{#
  The keys under which two titles must meet if they are near: an exact filter (Chaudhuri et al. 2006; Xiao et al. 2008).
  Titles of n words that are .6 alike share at least ceil(.6 n) of them, and so at least three of the first
  n - ceil(.6 n) + 3 in the common order: their keys are all threes of that prefix. Over 40 words the threes grow too
  many: such titles, and all that can be near one (25 words and more), meet by single words of the prefix.
#}
{% macro prefix_length(word_count, shared_keys) -%}
    ({{ word_count }} - ceil({{ rounded('0.6 * ' ~ word_count, 6) }})::integer + {{ shared_keys }})
{%- endmacro %}
