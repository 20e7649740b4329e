-- expects: Issues and pull requests as `gh issue list` and `gh pr list` write them with --json (the fields are in the docs).
-- follows: the manual of GitHub CLI 2.x (cli.github.com/manual/gh_issue_list, gh_pr_list), read in November 2026.
-- feeds: [ingest_candidates, ingest_editor_labels, events]
-- settings:
--   reject_reason_code: not_actionable  # of a pull request that was closed without a label that says why
--   signal_label: bug  # issues with this label are signals; empty: all
-- values:
--   reject_reason_code: {duplicate: duplicate_existing_idea, invalid: low_content_quality, wontfix: not_actionable,
--                        question: too_vague_or_generic}
--   confidence_band: {p0: high, p1: high, critical: high, p3: low}

create macro repository(url) as regexp_extract(url, '^https?://[^/]+/([^/]+/[^/]+)/', 1);

create table things as
select
    -- What an issue is about: neither the label that makes it a signal, nor one that says how sure or urgent it is.
    list_sort(list_filter(
        json_extract_string(record, '$.labels[*].name'),
        lambda one: lower(one) != lower(coalesce(setting('signal_label'), '')) and known('confidence_band', one) is null
    )) as topics,
    place, record, text_at(record, 'url') as url, repository(text_at(record, 'url')) as repository,
    'github:' || repository(text_at(record, 'url')) || '#' || text_at(record, 'number') as thing_id,
    coalesce(contains(text_at(record, 'url'), '/pull/'), false) as is_pull,
    json_extract_string(record, '$.labels[*].name') as labels,
    text_at(record, 'author.login') as author,
    as_instant(text_at(record, 'createdAt')) as created_at, as_instant(text_at(record, 'closedAt')) as closed_at,
    as_instant(text_at(record, 'mergedAt')) as merged_at, as_instant(text_at(record, 'updatedAt')) as updated_at
from sent;

create view problems as
select
    place,
    case
        when coalesce(repository, '') = '' or text_at(record, 'number') is null or text_at(record, 'title') is null
            or created_at is null or updated_at is null
            then 'lacks one of number, title, url, createdAt, updatedAt. Ask gh for them with --json.'
        when author is null then 'lacks author. Ask gh for it with --json.'
        when is_pull and not (json_exists(record, '$.mergedAt') and json_exists(record, '$.closedAt'))
            then 'is a pull request without mergedAt and closedAt. Ask gh for them with --json.'
    end as problem
from things;

-- A pull request is what somebody (most often a program) proposes.
create view ingest_candidates as
select
    place as _place, updated_at as _changed_at, thing_id as id, repository as source_key, url as source_url,
    text_at(record, 'title') as title, text_at(record, 'body') as description, instant_text(created_at) as created_at,
    text_at(record, 'headRefName') as selector
from things
where is_pull;

create table reviews as
select
    place, record, updated_at, thing_id, text_at(review, 'author.login') as reviewer, text_at(review, 'state') as state,
    text_at(review, 'id') as review_id, text_at(review, 'body') as body,
    as_instant(text_at(review, 'submittedAt')) as submitted_at
from (select *, unnest((record -> '$.reviews[*]')::json[]) as review from things where is_pull);

-- Merged is promoted, closed is rejected, changes that a reviewer asks for are work that is needed.
create view ingest_editor_labels as
select
    place as _place, updated_at as _changed_at, made_id([thing_id, 'merged', instant_text(merged_at)]) as id,
    thing_id as candidate_id, 'promoted' as action, null as reject_reason_code,
    coalesce(text_at(record, 'mergedBy.login'), author) as actor_user_id, instant_text(merged_at) as created_at,
    null as note
from things
where is_pull and merged_at is not null
union all
select
    place, updated_at, made_id([thing_id, 'closed', instant_text(closed_at)]), thing_id, 'rejected',
    coalesce(
        list_min([known('reject_reason_code', one) for one in labels]), setting('reject_reason_code')
    ),
    -- gh does not say who closed it: the last reviewer, else the author who took it back.
    coalesce((select arg_max(reviewer, submitted_at) from reviews where reviews.thing_id = things.thing_id), author),
    instant_text(closed_at), null
from things
where is_pull and merged_at is null and closed_at is not null
union all
select
    place, updated_at, made_id([thing_id, 'review', review_id]), thing_id, 'needs_work', null, reviewer,
    instant_text(submitted_at), body
from reviews
where state = 'CHANGES_REQUESTED' and reviewer is not null and submitted_at is not null;

-- An issue is what somebody ran into: its first label beside the one that makes it a signal says what.
create view events as
select
    place as _place, updated_at as _changed_at, made_id([thing_id, 'signal']) as event_id,
    'learning.signal.logged' as event_type, instant_text(created_at) as event_at, 'issue_reported' as signal_type,
    'friction_signal' as category, instant_text(created_at) as captured_at, author as user_id,
    coalesce(topics[1], setting('signal_label'), 'issue') as issue_type,
    repository as workflow_phase,
    left(coalesce(topics[1], setting('signal_label'), 'issue') || ' in ' || repository, 256) as cluster_signature,
    coalesce(list_min([known('confidence_band', one) for one in labels]), 'medium') as confidence_band
from things
where not is_pull
    and (setting('signal_label') is null or list_contains(labels, setting('signal_label')))
union all by name
-- Closed as "not planned" says that it was no failure.
select
    place as _place, updated_at as _changed_at, made_id([thing_id, 'retracted', instant_text(closed_at)]) as event_id,
    'event.retracted' as event_type, instant_text(closed_at) as event_at,
    made_id([thing_id, 'signal']) as retracted_event_id
from things
where not is_pull and closed_at is not null and upper(text_at(record, 'stateReason')) in ('NOT_PLANNED', 'DUPLICATE')
    and (setting('signal_label') is null or list_contains(labels, setting('signal_label')));
