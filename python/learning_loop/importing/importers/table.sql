-- expects: A table of any kind (.csv, .parquet, .json, .jsonl) and a --map that says which feed its rows are of, and which
--   column each field is.
-- follows: nothing but the map (docs/importing.md).
-- feeds: [rows]
-- settings:
--   feed:  # such as ingest_editor_labels
--   changed_at:  # the column that says when a row was last changed, for --since
--   id:  # the field that ids are made for where the table has none

create view problems as
select null as place, 'says no columns. Write in --map: columns: {id: label_uuid, action: verdict}.' as problem
where not exists (select 1 from columns);

-- Where a required field is meant, no row has it, and that is refused.
create view notes as
select
    min(place) as place,
    'has no ' || path || ', which --map names for ' || field || ', and no other record has it: the field is left out' as note
from (select place, record from sent), columns
group by path, field
having count_if(text_at(record, path) is not null or json_type(record, '/' || path) is not null) = 0;

-- A text is what the map says that it means, if the map says something; an object or a list stays one.
create view rows as
select
    place as _place, min(as_instant(text_at(record, setting('changed_at')))) as _changed_at,
    json_merge_patch(
        if(setting('id') is null, '{}'::json, json_object(setting('id'), made_id([setting('feed'), any_value(record)::varchar]))),
        json_group_object(field, case
            when known(field, value ->> '$') is not null then to_json(known(field, value ->> '$'))
            else value
        end)
    ) as _fields
from (
    select place, record, field, coalesce(json_extract(record, '/' || path), to_json(text_at(record, path))) as value
    from sent, columns
)
where value is not null and (value ->> '$') is not null
group by place;
