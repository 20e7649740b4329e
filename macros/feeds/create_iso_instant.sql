{#
  The SQL function scratch.iso_instant(text): an instant of ISO 8601 in extended or basic form, with point or comma, in any
  case, with Z, UTC, GMT, an offset or none (UTC). A fraction is cut to microseconds, a leap second is the next second,
  24:00 the next midnight. Functions of the database, because a model's text would hold them once a field; of expressions
  alone, because a subquery in them is computed for every row, whatever the `case` around it says; the parts as a list of
  one, because within a `case` they would be made again for each mention.
  The command line makes functions in the order of their names: what one calls must come before it.
#}
{% macro create_iso_instant() %}
    create or replace macro scratch.instant_of_parts(part) as
        try_cast(
            part.year || '-' || part.month || part.basic_month || '-' || part.day || part.basic_day || ' '
            || coalesce(nullif(part.hour, ''), '00') || ':' || coalesce(nullif(part.minute, ''), '00') || ':'
            || case part.second when '' then '00' when '60' then '59' else part.second end
            || coalesce('.' || nullif(left(part.fraction, 6), ''), '')
            || coalesce(
                nullif(part.sign, '') || part.off_hour || ':' || coalesce(nullif(part.off_minute, ''), '00')
                || coalesce(':' || nullif(part.off_second, ''), ''),
                '+00:00'
            ) as timestamptz
        ) + to_seconds(if(part.second = '60', 1, 0));
    create or replace macro scratch.iso_instant(sent) as [scratch.instant_of_parts(part) for part in [regexp_extract(
        upper(trim(sent)),
        '^(\d{4})(?:-(\d{2})-(\d{2})|(\d{2})(\d{2}))'
        || '(?:[T ](\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,](\d+))?)?)?'
        || ' ?(?:Z|UTC|GMT|([+-])([01]\d|2[0-3]):?([0-5]\d)?:?([0-5]\d)?)?)?$',
        [
            'year', 'month', 'day', 'basic_month', 'basic_day', 'hour', 'minute', 'second', 'fraction',
            'sign', 'off_hour', 'off_minute', 'off_second'
        ]
    )]][1]
{% endmacro %}
