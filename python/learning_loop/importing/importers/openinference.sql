-- expects: Spans and annotations of Phoenix (JSON or JSONL, of its API or client) or OTLP-JSON, with evaluations as events of spans or as logs.
-- follows: OpenInference semantic conventions, Phoenix from 9.0 on (span annotations), OTLP JSON (file exporter), OpenTelemetry's
--   gen_ai.evaluation.result (development), read in November 2026.
-- feeds: [events]
-- records_in: [data]
-- settings:
--   pass_from: 0.5  # a score from here on is good
--   high_from: 0.86  # confidence of a judge from which its signal counts as high, and as medium
--   medium_from: 0.6
--   confidence: metadata.confidence  # where an annotation says how sure it is; else a score without a label says it
--   person: user.id  # attributes of a span
--   session: session.id
--   version: llm.model_name
--   errors: "true"  # a span that ended in an error is a signal
-- values:
--   verdict: {good: pass, correct: pass, ok: pass, "true": pass, "yes": pass, relevant: pass, factual: pass, helpful: pass,
--             thumbs_up: pass, bad: fail, incorrect: fail, wrong: fail, "false": fail, "no": fail, irrelevant: fail,
--             unrelated: fail, not_relevant: fail, hallucinated: fail, unhelpful: fail, thumbs_down: fail, pass: pass, fail: fail}
--   direction: {hallucination: low_is_good, toxicity: low_is_good}
--   signal_type: {}  # by the name of a score, where its signal is of a type of its own

-- Attributes come as an object with dotted keys, as nested objects, or (OTLP) as a list of keys and typed values.
create macro attribute(attributes, named) as case json_type(attributes)
    when 'ARRAY' then list_filter(
        from_json(attributes, '[{"key": "VARCHAR", "value": {"stringValue": "VARCHAR", "intValue": "VARCHAR",
            "doubleValue": "VARCHAR", "boolValue": "VARCHAR"}}]'), lambda one: one.key = named
    )[1].value
    when 'OBJECT' then {
        'stringValue': coalesce(json_extract_string(attributes, '/' || named), text_at(attributes, named)),
        'intValue': null, 'doubleValue': null, 'boolValue': null
    }
end;

create macro attribute_text(attributes, named) as coalesce(
    attribute(attributes, named).stringValue, attribute(attributes, named).intValue,
    attribute(attributes, named).doubleValue, attribute(attributes, named).boolValue
);

create macro nano(said) as make_timestamptz(try_cast(said as bigint) // 1000);

create table spans as
select
    place, text_at(record, 'context.span_id') as span_id, text_at(record, 'context.trace_id') as trace_id,
    text_at(record, 'name') as name, as_instant(text_at(record, 'end_time')) as ended_at, record -> 'attributes' as attributes,
    record -> 'events' as span_events, upper(coalesce(text_at(record, 'status_code'), '')) = 'ERROR' as is_error,
    coalesce(record -> 'annotations', record -> 'span_annotations') as annotations
from sent
where text_at(record, 'context.span_id') is not null
union all
select
    place, text_at(span, 'spanId'), text_at(span, 'traceId'), text_at(span, 'name'),
    nano(text_at(span, 'endTimeUnixNano')), span -> 'attributes', span -> 'events',
    text_at(span, 'status.code') in ('2', 'STATUS_CODE_ERROR'), null
from (
    select place, unnest((record -> '$.resourceSpans[*].scopeSpans[*].spans[*]')::json[]) as span
    from sent
    where json_type(record, '$.resourceSpans') = 'ARRAY'
);

-- Of Phoenix, beside the spans or within one.
create table annotations as
select place, record as annotation, text_at(record, 'span_id') as span_id
from sent
where text_at(record, 'span_id') is not null and text_at(record, 'annotator_kind') is not null
union all
select place, annotation, span_id
from (
    select place, span_id, unnest((annotations -> '$[*]')::json[]) as annotation
    from spans
    where json_type(annotations) = 'ARRAY'
);

-- Of OpenTelemetry, as events of the span that was judged, or as records of a log that name it.
create table evaluations as
select
    place, span_id, one -> 'attributes' as said,
    coalesce(nano(text_at(one, 'timeUnixNano')), as_instant(text_at(one, 'timestamp')), ended_at) as judged_at
from (select place, span_id, ended_at, unnest((span_events -> '$[*]')::json[]) as one from spans)
where text_at(one, 'name') = 'gen_ai.evaluation.result'
union all
select
    place, text_at(one, 'spanId'), one -> 'attributes',
    nano(coalesce(nullif(text_at(one, 'timeUnixNano'), '0'), text_at(one, 'observedTimeUnixNano')))
from (
    select place, unnest((record -> '$.resourceLogs[*].scopeLogs[*].logRecords[*]')::json[]) as one
    from sent
    where json_type(record, '$.resourceLogs') = 'ARRAY'
)
where text_at(one, 'eventName') = 'gen_ai.evaluation.result' and text_at(one, 'spanId') is not null;

create view problems as
select null as place, 'cannot be judged: in --map a verdict is pass, fail or null, a direction low_is_good or null.' as problem
where not (
    list_has_all(['pass', 'fail', ''], meanings_of('verdict')) and list_has_all(['low_is_good', ''], meanings_of('direction'))
)
union all
select
    place, 'is neither a span (`context.span_id`, or `resourceSpans` of OTLP) nor an annotation (`span_id`, `annotator_kind`).'
        as problem
from sent
where place not in (select place from spans union all select place from annotations)
    and coalesce(json_type(record, '$.resourceSpans'), json_type(record, '$.resourceLogs'), '') != 'ARRAY'
union all
select
    place,
    case
        when text_at(annotation, 'name') is null then 'has an annotation without `name`. Export whole annotations.'
        when as_instant(coalesce(text_at(annotation, 'updated_at'), text_at(annotation, 'created_at'))) is null
            then 'has an annotation without `updated_at` or `created_at`. Export whole annotations.'
    end
from annotations;

create table judged as
select
    place, span_id, text_at(annotation, 'name') as name,
    coalesce(text_at(annotation, 'id'), made_id([
        span_id, text_at(annotation, 'name'), text_at(annotation, 'annotator_kind'), text_at(annotation, 'identifier')
    ])) as verdict_id,
    if(upper(text_at(annotation, 'annotator_kind')) = 'HUMAN', 'human', 'judge') as kind,
    try_cast(coalesce(text_at(annotation, 'result.score'), text_at(annotation, 'score')) as double) as value,
    coalesce(text_at(annotation, 'result.label'), text_at(annotation, 'label')) as label,
    try_cast(text_at(annotation, setting('confidence')) as double) as said_confidence,
    as_instant(text_at(annotation, 'created_at')) as created_at,
    as_instant(coalesce(text_at(annotation, 'updated_at'), text_at(annotation, 'created_at'))) as changed_at
from annotations
union all
select
    place, span_id, attribute_text(said, 'gen_ai.evaluation.name'),
    made_id([span_id, attribute_text(said, 'gen_ai.evaluation.name'), instant_text(judged_at)]), 'judge',
    try_cast(attribute_text(said, 'gen_ai.evaluation.score.value') as double),
    attribute_text(said, 'gen_ai.evaluation.score.label'), null, judged_at, judged_at
from evaluations;

-- One row per span, with who and what it speaks of. Without a person each session counts as one, else each trace.
create table told as
select
    span_id, min(place) as place, min(trace_id) as trace_id, min(name) as phase, max(ended_at) as ended_at,
    coalesce(
        min(attribute_text(attributes, setting('person'))), min(attribute_text(attributes, setting('session'))),
        min(trace_id), span_id
    ) as person,
    min(attribute_text(attributes, setting('version'))) as version, bool_or(is_error) as is_error,
    coalesce(
        min(list_filter(
            from_json(span_events, '[{"name": "VARCHAR", "attributes": "JSON"}]'), lambda one: one.name = 'exception'
        )[1].attributes::varchar), 'null'
    )::json as exception
from spans
group by span_id;

create or replace view verdicts as
select
    judged.place, 'openinference' as tool, verdict_id, judged.span_id as target_id, name, kind, value, label,
    coalesce(said_confidence, case when label is null and value between 0 and 1 then greatest(value, 1 - value) end)
        as confidence,
    created_at, changed_at, coalesce(person, judged.span_id) as person, phase, version
from judged
left join told on judged.span_id = told.span_id
where name is not null and changed_at is not null;

create view notes as from verdict_notes();

create view events as
from verdict_events()
union all by name
select
    place as _place, ended_at as _changed_at, made_id(['openinference', 'error', trace_id, span_id]) as event_id,
    'learning.signal.logged' as event_type, instant_text(ended_at) as event_at, 'span_error' as signal_type,
    'outcome_signal' as category, instant_text(ended_at) as captured_at, person as user_id,
    coalesce(attribute_text(exception, 'exception.type'), 'error') as issue_type, version as agent_version,
    phase as workflow_phase, 'high' as confidence_band,
    left(coalesce(attribute_text(exception, 'exception.type'), 'error') || coalesce(' in ' || phase, ''), 256)
        as cluster_signature
from told
where is_error and ended_at is not null and setting('errors') = 'true';
