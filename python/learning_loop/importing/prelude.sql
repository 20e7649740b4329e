-- What every importer finds. `sent` holds the export, a row per record in the order of the files: `place` says where
-- (file and number), `record` what. `columns` says which field is which column, where --map does.
create table sent (place varchar, file varchar, number bigint, record json);
create table columns (field varchar, path varchar);

-- A setting as text, --map's before the importer's; null where nothing says it.
set variable settings = map([]::varchar[], []::varchar[]);
create macro setting(named) as getvariable('settings')[named];

-- A word without what two spellings differ in: "Too vague / generic" is too_vague_generic.
create macro plain(said) as trim(regexp_replace(lower(said), '[^\p{L}\p{N}]+', '_', 'g'), '_');

-- What the map says that a word of a field means; null where it says nothing, '' where it says to leave it out.
set variable meanings = map([]::varchar[], []::varchar[]);
create macro known(named, said) as coalesce(
    getvariable('meanings')[named || ' ' || trim(lower(said))], getvariable('meanings')[named || ' ' || plain(said)]
);

-- All that the map says of a field.
create macro meanings_of(named) as
    [one.value for one in map_entries(getvariable('meanings')) if starts_with(one.key, named || ' ')];

-- Like `known`; a word that the map does not know stays, in plain form.
create macro mapped(named, said) as coalesce(known(named, said), plain(said));

-- The text at a dotted path of an object, such as data.title; null where nothing lies there. A path that begins with $
-- is a JSON path of DuckDB's.
create macro text_at(object, path) as nullif(json_extract_string(
    object, case when starts_with(path, '$') then path else '$."' || replace(path, '.', '"."') || '"' end
), '');

-- An instant of a tool, without an offset in UTC; from such a text, and as the feeds write it.
create macro as_instant(said) as try_cast(said as timestamptz);
create macro instant_text(moment) as strftime(moment at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ');

-- An id made of parts: the same parts make the same id.
create macro made_id(parts) as left(sha256(to_json(parts)::varchar), 32);

-- Verdicts on what an application did, of judges (an LLM, code), people and users. An importer of such a tool says them
-- with `create or replace view verdicts`, and takes its events from verdict_events(). `value` is 0 (bad) to 1 (good)
-- where there is one, `confidence` how sure a judge is where the tool says so; `kind` is judge, human or user.
create view verdicts as
select
    null::varchar as place, null::varchar as tool, null::varchar as verdict_id, null::varchar as target_id,
    null::varchar as name, null::varchar as kind, null::double as value, null::varchar as label,
    null::double as confidence, null::timestamptz as created_at, null::timestamptz as changed_at,
    null::varchar as person, null::varchar as phase, null::varchar as version
where false;
