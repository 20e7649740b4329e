-- expects: Langfuse's scores, and beside them observations or traces, as the API, the blob storage export or the UI writes them.
-- follows: Langfuse v3 (langfuse.com/docs: scores API v2, v3 from 3.179 on; blob storage export fields), read in November 2026.
-- feeds: [events]
-- records_in: [data]
-- settings:
--   pass_from: 0.5  # a score from here on is good
--   high_from: 0.86  # confidence of a judge from which its signal counts as high, and as medium
--   medium_from: 0.6
--   least: 0  # the range of numeric scores; what lies outside says nothing
--   most: 1
--   confidence: metadata.confidence  # where a judge's score says how sure it is; else a number between 0 and 1 says it
-- values:
--   verdict: {good: pass, correct: pass, ok: pass, "true": pass, "yes": pass, positive: pass, helpful: pass, thumbs_up: pass,
--             bad: fail, incorrect: fail, wrong: fail, "false": fail, "no": fail, negative: fail, unhelpful: fail,
--             thumbs_down: fail, pass: pass, fail: fail}
--   direction: {hallucination: low_is_good, toxicity: low_is_good}
--   signal_type: {}  # by the name of a score, where its signal is of a type of its own

-- The API writes camelCase, the exports snake_case.
create macro either(record, camel, snake) as coalesce(text_at(record, camel), text_at(record, snake));

create table scores as
select
    place, record, text_at(record, 'id') as score_id, text_at(record, 'name') as name,
    upper(text_at(record, 'source')) as source, upper(coalesce(either(record, 'dataType', 'data_type'), '')) as data_type,
    case text_at(record, 'subject.kind') when 'observation' then text_at(record, 'subject.id') end as subject_observation,
    coalesce(text_at(record, 'subject.traceId'), case text_at(record, 'subject.kind')
        when 'trace' then text_at(record, 'subject.id') end) as subject_trace,
    either(record, 'observationId', 'observation_id') as said_observation,
    either(record, 'traceId', 'trace_id') as said_trace,
    coalesce(either(record, 'sessionId', 'session_id'), case text_at(record, 'subject.kind')
        when 'session' then text_at(record, 'subject.id') end) as session,
    as_instant(coalesce(text_at(record, 'timestamp'), either(record, 'createdAt', 'created_at'))) as scored_at,
    as_instant(either(record, 'createdAt', 'created_at')) as created_at,
    as_instant(either(record, 'updatedAt', 'updated_at')) as updated_at
from sent
where json_type(record, '$.name') = 'VARCHAR' and json_type(record, '$.source') = 'VARCHAR'
    and (json_exists(record, '$.value') or json_exists(record, '$.stringValue') or json_exists(record, '$.string_value'));

-- What was scored: an observation (its id, its trace) or a trace. Of one delivered twice the later word counts.
create table scored as
select
    text_at(record, 'id') as id,
    arg_max(record, coalesce(either(record, 'updatedAt', 'updated_at'), place)) as record
from sent
where text_at(record, 'id') is not null and place not in (select place from scores)
group by text_at(record, 'id');

create view problems as
select null as place, 'cannot be judged: in --map a verdict is pass, fail or null, a direction low_is_good or null.' as problem
where not (
    list_has_all(['pass', 'fail', ''], meanings_of('verdict')) and list_has_all(['low_is_good', ''], meanings_of('direction'))
)
union all
select
    place,
    case
        when score_id is null then 'is a score without `id`. Export whole scores.'
        when scored_at is null then 'is a score without a time that can be read (`timestamp`). Export whole scores.'
        when target is null then 'is a score of nothing that is named: it has neither an observation, a trace nor a session.'
    end as problem
from (select *, coalesce(subject_observation, said_observation, subject_trace, said_trace, session) as target from scores)
union all
select
    place,
    case
        when text_at(record, 'id') is null
            or not (json_exists(record, '$.startTime') or json_exists(record, '$.start_time')
                or json_exists(record, '$.timestamp'))
            then 'is neither a score (`name`, `source`, `value`) nor an observation or a trace (`id`, a time).'
    end
from sent
where place not in (select place from scores);

create or replace view verdicts as
select
    scores.place, 'langfuse' as tool, score_id as verdict_id, name,
    coalesce(subject_observation, said_observation, subject_trace, said_trace, session) as target_id,
    case source when 'EVAL' then 'judge' when 'ANNOTATION' then 'human' else 'user' end as kind,
    case
        when data_type in ('CATEGORICAL', 'TEXT', 'CORRECTION') then null
        when data_type = 'BOOLEAN' then coalesce(
            try_cast(text_at(scores.record, 'value') as double), (text_at(scores.record, 'value') = 'true')::integer
        )
        else (try_cast(text_at(scores.record, 'value') as double) - setting('least')::double)
            / (setting('most')::double - setting('least')::double)
    end as value,
    case
        when data_type in ('CATEGORICAL', 'BOOLEAN') then coalesce(
            either(scores.record, 'stringValue', 'string_value'),
            case data_type when 'CATEGORICAL' then text_at(scores.record, 'value') end
        )
    end as label,
    coalesce(
        try_cast(text_at(scores.record, setting('confidence')) as double),
        case when data_type in ('NUMERIC', '') and value between 0 and 1 then greatest(value, 1 - value) end
    ) as confidence,
    coalesce(scores.created_at, scored_at) as created_at,
    coalesce(updated_at, scored_at) as changed_at,
    -- Without a person's id each session counts as one, else each trace: a cluster wants several people.
    coalesce(
        either(observation.record, 'userId', 'user_id'), either(trace.record, 'userId', 'user_id'),
        either(observation.record, 'sessionId', 'session_id'), either(trace.record, 'sessionId', 'session_id'), session,
        subject_trace, said_trace, subject_observation, said_observation
    ) as person,
    coalesce(text_at(observation.record, 'name'), text_at(trace.record, 'name')) as phase,
    coalesce(
        text_at(scores.record, 'metadata.version'), text_at(observation.record, 'version'),
        text_at(trace.record, 'version'), text_at(trace.record, 'release')
    ) as version
from scores
left join scored as observation on observation.id = coalesce(subject_observation, said_observation)
left join scored as trace
    on trace.id = coalesce(subject_trace, said_trace, either(observation.record, 'traceId', 'trace_id'));

create view notes as from verdict_notes();

create view events as from verdict_events();
