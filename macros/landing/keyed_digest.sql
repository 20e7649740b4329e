{# HMAC-SHA256 (RFC 2104) of a text, keyed with the salt: the same text can be told again, and no text can be guessed. The
   two padded keys are functions of the run, in hex. #}
{% macro keyed_digest(text) -%}
    sha256(
        unhex(run.hmac_outer())
        || unhex(sha256(unhex(run.hmac_inner()) || encode({{ text }})))
    )
{%- endmacro %}
