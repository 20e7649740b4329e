-- The events that verdicts are. Of a judge that says how sure it is, a claim; where people's last word on the same thing
-- is another, its correction; and of each thing whose last word is bad (people's, else users', else the judge's), a
-- signal. An alarm that a later word overrules, and a correction that its author took back, are retracted.
create macro verdict_events() as table
with

in_range as (
    select * replace (case when value between 0 and 1 then value end as value)
    from verdicts
    where coalesce(known('verdict', label), 'unknown') != ''
),

judged as (
    select
        *,
        coalesce(
            known('verdict', label) = 'pass',
            case
                when known('direction', name) = 'low_is_good' then value < setting('pass_from')::double
                else value >= setting('pass_from')::double
            end
        ) as is_good,
        tool || ':' || target_id as target,
        case kind when 'human' then 1 when 'user' then 2 else 3 end as rank
    from in_range
),

ranked as (
    select
        *,
        row_number() over (partition by target, name order by rank, changed_at desc, verdict_id) = 1 as is_last_word,
        row_number() over (partition by target, name, kind order by changed_at desc, verdict_id) = 1 as is_last_of_kind
    from judged
    where is_good is not null
),

last_words as (
    select * from ranked where is_last_word
),

claims as (
    select *
    from ranked
    where kind = 'judge' and confidence between 0 and 1
),

people as (
    select * from ranked where kind = 'human' and is_last_of_kind
),

contradicted as (
    select
        people.place, people.tool, people.name, people.target, people.is_good, claims.is_good as was_good,
        people.changed_at > people.created_at as is_edited,
        greatest(people.changed_at, claims.changed_at) as happened_at,
        made_id([people.tool, 'correction', people.verdict_id, claims.verdict_id]) as correction_id
    from people
    inner join claims on people.target = claims.target and people.name = claims.name
),

alarms as (
    select
        ranked.*,
        last_words.is_good as is_overruled,
        last_words.changed_at as overruled_at,
        made_id([ranked.tool, 'signal', ranked.verdict_id]) as signal_id
    from ranked
    inner join last_words on ranked.target = last_words.target and ranked.name = last_words.name
)

select
    place as _place, changed_at as _changed_at, made_id([tool, 'claim', verdict_id]) as event_id,
    'evidence.claim.logged' as event_type, instant_text(changed_at) as event_at,
    'judge.' || name as claim_class, confidence, version as parser_version, target as lineage_event_id
from claims

union all by name

select
    place as _place, happened_at as _changed_at, correction_id as event_id, 'set.corrected' as event_type,
    instant_text(happened_at) as event_at, target as target_event_id,
    -- The field that the claim speaks of is the part of its class after the last dot.
    json_object(
        regexp_extract(name, '[^.]*$'),
        json_object('from', if(was_good, 'pass', 'fail'), 'to', if(is_good, 'pass', 'fail'))
    ) as changed_fields
from contradicted
where is_good != was_good

union all by name

select
    place as _place, happened_at as _changed_at, made_id([correction_id, instant_text(happened_at)]) as event_id,
    'event.retracted' as event_type, instant_text(happened_at) as event_at, correction_id as retracted_event_id
from contradicted
where is_good = was_good and is_edited

union all by name

select
    place as _place, changed_at as _changed_at, signal_id as event_id, 'learning.signal.logged' as event_type,
    instant_text(changed_at) as event_at,
    coalesce(
        known('signal_type', name), if(kind = 'user', 'negative_user_feedback', 'quality_issue_detected')
    ) as signal_type,
    if(kind = 'user', 'friction_signal', 'quality_signal') as category,
    instant_text(changed_at) as captured_at, person as user_id,
    name || coalesce(': ' || label, '') as issue_type,
    -- In words, since people read it: a list of hashes tells nobody what goes wrong.
    left(if(kind = 'user', 'users: ', '') || name || coalesce(': ' || label, '') || coalesce(' in ' || phase, ''), 256)
        as cluster_signature,
    version as agent_version, phase as workflow_phase,
    case
        when kind = 'human' or confidence >= setting('high_from')::double then 'high'
        when confidence < setting('medium_from')::double then 'low'
        else 'medium'
    end as confidence_band
from alarms
where is_last_word and not is_good

union all by name

select
    place as _place, greatest(changed_at, overruled_at) as _changed_at,
    made_id([signal_id, instant_text(greatest(changed_at, overruled_at))]) as event_id,
    'event.retracted' as event_type, instant_text(greatest(changed_at, overruled_at)) as event_at,
    signal_id as retracted_event_id
from alarms
where (is_overruled and not is_good) or (is_last_word and is_good and changed_at > created_at);

-- What verdicts do not say: which way they go, and of a judge how sure it is.
create macro verdict_notes() as table
select place, 'is a verdict that says neither pass nor fail: add its words to values.verdict of --map, or leave it' as note
from verdicts
where known('verdict', label) is null and coalesce(value not between 0 and 1, true)
union all
select
    place, 'is a judge''s verdict that does not say how sure it is: where it is bad it is a signal, and its confidence is not '
    || 'judged. Name the place in settings.confidence of --map, if it stands elsewhere'
from verdicts
where kind = 'judge' and confidence is null and known('verdict', label) in ('pass', 'fail');
