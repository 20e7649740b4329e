{#
  What people call each key that a run proposed: c- of a cluster, k- of a class of claims, and the first eight digits of
  the key's hash. Of two keys that begin alike the one that was proposed later takes more digits, as many as tell it
  apart from all before it: a name that people know stays theirs.
#}
{% macro short_keys(proposals) -%}
    with

    keys as (
        select
            candidate_key,
            case when any_value(source_type) = 'issue_cluster' then 'c-' else 'k-' end as letter,
            right(candidate_key, 16) as digits,
            min(proposed_at) as first_proposed_at
        from {{ proposals }}
        group by candidate_key
    ),

    alike as (
        select
            later.candidate_key,
            max(len([
                digit_count for digit_count in range(1, 17)
                if left(later.digits, digit_count) = left(earlier.digits, digit_count)
            ])) as digits_in_common
        from keys as later
        inner join keys as earlier
            on
                later.letter = earlier.letter
                and left(later.digits, 8) = left(earlier.digits, 8)
                and (
                    later.first_proposed_at > earlier.first_proposed_at
                    or later.first_proposed_at = earlier.first_proposed_at
                    and later.candidate_key > earlier.candidate_key
                )
        group by later.candidate_key
    )

    select
        keys.candidate_key,
        keys.letter || left(keys.digits, coalesce(alike.digits_in_common + 1, 8)::integer) as short_key
    from keys
    left join alike on keys.candidate_key = alike.candidate_key
{%- endmacro %}
