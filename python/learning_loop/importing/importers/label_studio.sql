-- expects: Label Studio's export as JSON (tasks with their annotations) or as JSON_MIN (one object per annotation).
-- follows: Label Studio 1.x (labelstud.io/guide/task_format, labelstud.io/guide/export), read in November 2026.
-- feeds: [ingest_candidates, ingest_editor_labels, stage_b_review_labels]
-- settings:  # names of controls in the labelling configuration, and places below a task's `data`
--   action: action
--   reject_reason: reject_reason
--   rewrite_severity: rewrite_severity
--   duplicate_of: duplicate_of
--   final_title: final_title
--   final_description: final_description
--   note: note
--   reject_reason_code:  # for rejections that name no reason, such as not_actionable
--   review: label
--   candidate_id: candidate_id
--   source_key: source_key
--   source_url: source_url
--   title: title
--   description: text
--   source: label_studio
-- values:
--   action: {accept: promoted, accepted: promoted, approve: promoted, approved: promoted, promote: promoted, keep: promoted,
--            accept_after_edit: promoted_after_edit, accepted_after_edit: promoted_after_edit, edited: promoted_after_edit,
--            reject: rejected, decline: rejected, declined: rejected, discard: rejected,
--            revise: needs_work, needs_changes: needs_work, unsure: needs_work}
--   label: {passed: pass, ok: pass, failed: fail, not_ok: fail, "?": unsure, skip: unsure}

-- The text of a control's value: JSON has {choices: [..]}, {text: [..]} or {rating: n}, JSON_MIN also the text itself.
create macro said(value) as coalesce(
    nullif(array_to_string(json_extract_string(value, '$.choices[*]'), ', '), ''),
    nullif(array_to_string(json_extract_string(value, '$.text[*]'), chr(10)), ''),
    nullif(array_to_string(json_extract_string(value, '$[*].text[*]'), chr(10)), ''),
    value ->> '$.text', value ->> '$.rating', value ->> '$[0].choices[0]',
    case json_type(value) when 'ARRAY' then value ->> '$[0]' when 'OBJECT' then null else value ->> '$' end
);

-- An annotation and what it says in each control: in JSON among its results, in JSON_MIN beside the data.
create table answers as
select
    place, record -> 'data' as data, record -> 'meta' as meta, record ->> 'id' as task_id,
    annotation ->> 'id' as answer_id,
    coalesce(annotation ->> '$.completed_by.id', annotation ->> 'completed_by') as person,
    as_instant(coalesce(annotation ->> 'updated_at', annotation ->> 'created_at')) as answered_at,
    coalesce(annotation ->> 'was_cancelled', 'false') = 'true' as is_skipped,
    [
        {'control': one.from_name, 'answer': said(one.value)}
        for one in from_json(annotation -> 'result', '[{"from_name": "VARCHAR", "value": "JSON"}]')
    ] as answers
from (select *, unnest((record -> '$.annotations[*]')::json[]) as annotation from sent)
union all
select
    place, record, record, record ->> 'id', record ->> 'annotation_id',
    coalesce(record ->> '$.annotator.id', record ->> 'annotator'),
    as_instant(coalesce(record ->> 'updated_at', record ->> 'created_at')), false,
    [{'control': name, 'answer': said(json_extract(record, '/' || name))} for name in json_keys(record)]
from sent
where (record ->> 'annotation_id') is not null;

create macro control(answers, named) as list_filter(answers, lambda one: one.control = setting(named))[1].answer;

-- A task of `learning-loop stage-b export` names its ticket in meta, which JSON_MIN loses; its data is known all the same.
create macro ticket_of(data, meta) as coalesce(
    text_at(meta, 'ticket_key'), text_at(data, 'ticket_key'),
    case when text_at(data, 'label_in_the_data') is not null then text_at(data, 'ticket') end
);

create table judged as
select
    *,
    coalesce(text_at(data, setting('candidate_id')), 'label_studio:' || task_id) as candidate_id,
    coalesce(text_at(meta, 'run_id'), text_at(data, 'run_id')) as run_id,
    coalesce(text_at(meta, 'mission'), text_at(data, 'mission')) as mission,
    ticket_of(data, meta) as ticket_key,
    control(answers, 'action') as action,
    control(answers, 'review') as review
from answers
where not is_skipped;

create view problems as
select
    place,
    case
        when json_type(record, '$.annotations') is null and (record ->> 'annotation_id') is null
            then 'is no task: it has neither `annotations` (JSON) nor `annotation_id` (JSON_MIN). Export the project as JSON.'
    end as problem
from sent
union all
select
    place,
    case
        when task_id is null or answer_id is null then 'has a task or an annotation without `id`. Export the project as JSON.'
        when answered_at is null then 'has an annotation without `updated_at` or `created_at`. Export the project as JSON.'
        when ticket_key is not null and (run_id is null or mission is null)
            then 'is a ticket to review without its run and mission: JSON_MIN loses `meta`. Export the project as JSON.'
    end
from judged;

create view notes as
select
    place,
    case
        when ticket_key is not null and review is null
            then 'has no answer to the control that settings.review names: it is left out'
        when ticket_key is null and action is null
            then 'has no answer to the control that settings.action names: it is left out'
    end as note
from judged;

-- A task that names its candidate was made of one that came another way; any other is where its candidate begins.
create view ingest_candidates as
select
    min(place) as _place, max(changed_at) as _changed_at, 'label_studio:' || task_id as id,
    min(coalesce(text_at(data, setting('source_key')), setting('source'))) as source_key,
    min(coalesce(text_at(data, setting('source_url')), text_at(data, 'url'), 'label_studio:' || task_id)) as source_url,
    min(coalesce(text_at(data, setting('title')), left(text_at(data, setting('description')), 200))) as title,
    min(text_at(data, setting('description'))) as description,
    instant_text(min(task_at)) as created_at
from (
    select
        place, record ->> 'id' as task_id, as_instant(record ->> 'created_at') as task_at,
        as_instant(record ->> 'updated_at') as changed_at,
        if(json_type(record, '$.annotations') is null, record, record -> 'data') as data,
        ticket_of(data, record -> 'meta') as ticket_key
    from sent
)
where text_at(data, setting('candidate_id')) is null and ticket_key is null and task_id is not null
group by task_id;

create view ingest_editor_labels as
select
    place as _place, answered_at as _changed_at, made_id(['label_studio', answer_id, instant_text(answered_at)]) as id,
    candidate_id, mapped('action', action) as action,
    case when mapped('action', action) = 'rejected' then coalesce(
        mapped('reject_reason_code', control(answers, 'reject_reason')), setting('reject_reason_code')
    ) end as reject_reason_code,
    mapped('rewrite_severity', control(answers, 'rewrite_severity')) as rewrite_severity,
    control(answers, 'duplicate_of') as duplicate_of,
    person as actor_user_id, instant_text(answered_at) as created_at,
    control(answers, 'final_title') as final_title,
    control(answers, 'final_description') as final_description,
    control(answers, 'note') as note
from judged
where ticket_key is null and action is not null;

create view stage_b_review_labels as
select
    place as _place, answered_at as _changed_at,
    made_id(['label_studio', answer_id, instant_text(answered_at)]) as review_id,
    run_id, mission, ticket_key, mapped('label', review) as label, person as actor_user_id,
    instant_text(answered_at) as reviewed_at, control(answers, 'note') as note
from judged
where ticket_key is not null and review is not null;
