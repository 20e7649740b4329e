-- expects: Scrapy's items as its feed exports write them (.jl, .jsonl, .json, .csv), and beside them the stats of a crawl.
-- follows: Scrapy 2.12 (docs.scrapy.org, feed exports, stats collection), read in November 2026.
-- feeds: [ingest_candidates, ingest_runs]
-- settings:  # fields of an item; of several the first that is there counts
--   id: id
--   source_key: source_key
--   source:  # for items that name none; without it the spider, else the host of their address
--   spider: spider
--   source_url: url
--   title: title
--   description: description
--   raw_excerpt: excerpt
--   created_at: scraped_at
--   run_id: run_id
--   strategy: strategy
--   selector: selector
--   parser_confidence: confidence
--   rule_version: rule_version
--   quality_flags: quality_flags

-- Scrapy puts %(time)s into a feed's name as 2026-02-12T10-00-00+00-00: when the crawl began.
create macro time_of(file) as as_instant(regexp_replace(
    regexp_extract(file, '\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}'), 'T(\d{2})-(\d{2})-(\d{2})', 'T\1:\2:\3Z'
));

create table crawls as select * from sent where json_exists(record, '$.finish_reason');

create table items as
select
    *, text_at(record, setting('source_url')) as source_url,
    coalesce(as_instant(coalesce(
        text_at(record, setting('created_at')), text_at(record, 'timestamp'), text_at(record, 'created_at')
    )), time_of(file)) as scraped_at,
    coalesce(
        text_at(record, setting('source_key')), setting('source'), text_at(record, setting('spider')),
        regexp_extract(text_at(record, setting('source_url')), '^[a-z]+://(?:www\.)?([^/:?#]+)', 1)
    ) as source_key
from sent
where not json_exists(record, '$.finish_reason');

create view problems as
select
    place,
    case
        when json_type(record) != 'OBJECT' then 'is no item.'
        when source_url is null
            then 'has no address where settings.source_url says. Name the field in --map: settings: {source_url: link}.'
        when scraped_at is null
            then 'has no time: let the spider set `scraped_at`, name its field in --map (settings: {created_at: …}), or '
                || 'put %(time)s into the name of the feed in FEEDS.'
    end as problem
from items
union all
select place, 'has stats without `start_time` or a spider''s name (`spider`). Write both beside the stats.'
from crawls
where as_instant(text_at(record, 'start_time')) is null or text_at(record, setting('spider')) is null;

-- An item without an id is told by where it was found and what it says: found again unchanged, it is the same.
create view ingest_candidates as
select
    place as _place, scraped_at as _changed_at,
    coalesce(text_at(record, setting('id')), made_id([
        'scrapy', source_key, source_url, text_at(record, setting('title')), text_at(record, setting('description'))
    ])) as id,
    source_key, source_url, text_at(record, setting('title')) as title,
    text_at(record, setting('description')) as description, text_at(record, setting('raw_excerpt')) as raw_excerpt,
    instant_text(scraped_at) as created_at, text_at(record, setting('run_id')) as run_id,
    text_at(record, setting('strategy')) as strategy, text_at(record, setting('selector')) as selector,
    try_cast(text_at(record, setting('parser_confidence')) as double) as parser_confidence,
    text_at(record, setting('rule_version')) as parser_rule_version,
    json_extract(record, '/' || setting('quality_flags')) as parser_flags
from items
-- Of one item twice in the files, the first time it was found.
qualify row_number() over (partition by id order by scraped_at, place) = 1;

create view ingest_runs as
select
    place as _place, coalesce(finished_at, started_at) as _changed_at,
    coalesce(text_at(record, setting('run_id')), made_id(['scrapy', spider, instant_text(started_at)])) as id,
    coalesce(setting('source'), text_at(record, setting('source_key')), spider) as source_key,
    instant_text(started_at) as started_at, instant_text(finished_at) as finished_at,
    case
        when text_at(record, 'finish_reason') != 'finished' then 'failed'
        when coalesce(json_extract_string(record, '/log_count~1ERROR'), '0') != '0' then 'partial'
        else 'success'
    end as status
from (
    select
        *, text_at(record, setting('spider')) as spider, as_instant(text_at(record, 'start_time')) as started_at,
        as_instant(text_at(record, 'finish_time')) as finished_at
    from crawls
);
