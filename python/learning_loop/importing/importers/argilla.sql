-- expects: Argilla's records as JSON, of the server's API (records with include=responses) or of the SDK (records.to_json).
-- follows: Argilla 2.x (the SDK's Record.to_dict and to_json; the server's schema of a record), read in November 2026.
-- feeds: [ingest_candidates, ingest_editor_labels, stage_b_review_labels]
-- records_in: [items]
-- settings:  # names of questions, and places below a record
--   action: action
--   reject_reason: reject_reason
--   rewrite_severity: rewrite_severity
--   duplicate_of: duplicate_of
--   final_title: final_title
--   final_description: final_description
--   note: note
--   reject_reason_code:  # for rejections that name no reason, such as not_actionable
--   review: label
--   candidate_id: metadata.candidate_id
--   source_key: metadata.source_key
--   source_url: metadata.source_url
--   created_at: metadata.created_at
--   answered_at: metadata.answered_at
--   answered_at_for_all:  # the SDK exports no times of answers: when these were given
--   title: fields.title
--   description: fields.text
--   source: argilla
-- values:
--   action: {accept: promoted, accepted: promoted, approve: promoted, approved: promoted, promote: promoted, keep: promoted,
--            accept_after_edit: promoted_after_edit, accepted_after_edit: promoted_after_edit, edited: promoted_after_edit,
--            reject: rejected, decline: rejected, declined: rejected, discard: rejected,
--            revise: needs_work, needs_changes: needs_work, unsure: needs_work}
--   label: {passed: pass, ok: pass, failed: fail, not_ok: fail, "?": unsure, skip: unsure}

-- A person's answers: the server sends a response per person, the SDK per question a list of who answered what.
create table answers as
select
    place, record, response, coalesce(record ->> 'external_id', record ->> 'id') as record_id,
    response ->> 'user_id' as person,
    as_instant(coalesce(response ->> 'updated_at', response ->> 'inserted_at')) as answered_at
from (select *, unnest((record -> '$.responses[*]')::json[]) as response from sent)
where coalesce(response ->> 'status', 'submitted') = 'submitted'
union all
select
    place, record, null, record ->> 'id', person,
    as_instant(coalesce(text_at(record, setting('answered_at')), setting('answered_at_for_all')))
from (
    select *, unnest(list_distinct(json_extract_string(record, '$.responses.*[*].user_id'))) as person
    from sent
    where json_type(record, '$.responses') = 'OBJECT'
);

-- What that person answered to the question of that name.
create macro answer(record, response, person, question) as json_extract_string(
    coalesce(
        json_extract(response -> 'values', '/' || question || '/value'),
        list_filter(
            from_json(json_extract(record -> 'responses', '/' || question), '[{"value": "JSON", "user_id": "VARCHAR"}]'),
            lambda one: one.user_id = person
        )[1].value
    ), '$'
);

create table judged as
select
    *,
    coalesce(text_at(record, setting('candidate_id')), 'argilla:' || record_id) as candidate_id,
    text_at(record, 'metadata.ticket_key') as ticket_key,
    answer(record, response, person, setting('action')) as action,
    answer(record, response, person, setting('review')) as review
from answers;

create view problems as
select
    place,
    case
        when json_type(record, '$.fields') is null or json_type(record, '$.responses') is null
            then 'is no record: it has no `fields` or no `responses`. Export with responses included.'
        when (record ->> 'id') is null then 'has no `id`. Export whole records.'
    end as problem
from sent
union all
select
    place,
    case
        when answered_at is null
            then 'has answers without a time, which the SDK does not export. Ask the server (records with '
                || 'include=responses), or say when in --map: settings: {answered_at_for_all: 2026-02-12T10:00:00Z}.'
        when ticket_key is not null
            and (text_at(record, 'metadata.run_id') is null or text_at(record, 'metadata.mission') is null)
            then 'is a ticket to review whose metadata lacks run_id or mission. Export with metadata included.'
    end
from judged;

create view notes as
select
    place,
    case
        when ticket_key is not null and review is null
            then 'has no answer to the question that settings.review names: it is left out'
        when ticket_key is null and action is null
            then 'has no answer to the question that settings.action names: it is left out'
    end as note
from judged;

-- A record that names its candidate was made of one that came another way; any other is where its candidate begins.
create view ingest_candidates as
select
    min(place) as _place, max(changed_at) as _changed_at, 'argilla:' || record_id as id,
    min(coalesce(text_at(record, setting('source_key')), setting('source'))) as source_key,
    min(coalesce(text_at(record, setting('source_url')), 'argilla:' || record_id)) as source_url,
    min(coalesce(text_at(record, setting('title')), left(text_at(record, setting('description')), 200))) as title,
    min(text_at(record, setting('description'))) as description,
    instant_text(min(created_at)) as created_at
from (
    select
        place, record, coalesce(record ->> 'external_id', record ->> 'id') as record_id,
        as_instant(coalesce(
            text_at(record, setting('created_at')), record ->> 'inserted_at',
            text_at(record, setting('answered_at')), setting('answered_at_for_all')
        )) as created_at,
        as_instant(coalesce(record ->> 'updated_at', record ->> 'inserted_at')) as changed_at
    from sent
)
where
    text_at(record, setting('candidate_id')) is null and text_at(record, 'metadata.ticket_key') is null
    and record_id is not null
group by record_id;

create view ingest_editor_labels as
select
    place as _place, answered_at as _changed_at,
    made_id(['argilla', record_id, person, instant_text(answered_at), action]) as id,
    candidate_id, mapped('action', action) as action,
    case when mapped('action', action) = 'rejected' then coalesce(
        mapped('reject_reason_code', answer(record, response, person, setting('reject_reason'))),
        setting('reject_reason_code')
    ) end as reject_reason_code,
    mapped('rewrite_severity', answer(record, response, person, setting('rewrite_severity'))) as rewrite_severity,
    answer(record, response, person, setting('duplicate_of')) as duplicate_of,
    person as actor_user_id, instant_text(answered_at) as created_at,
    answer(record, response, person, setting('final_title')) as final_title,
    answer(record, response, person, setting('final_description')) as final_description,
    answer(record, response, person, setting('note')) as note
from judged
where ticket_key is null and action is not null;

create view stage_b_review_labels as
select
    place as _place, answered_at as _changed_at,
    made_id(['argilla', record_id, person, instant_text(answered_at), review]) as review_id,
    text_at(record, 'metadata.run_id') as run_id, text_at(record, 'metadata.mission') as mission, ticket_key,
    mapped('label', review) as label, person as actor_user_id, instant_text(answered_at) as reviewed_at,
    answer(record, response, person, setting('note')) as note
from judged
where ticket_key is not null and review is not null;
