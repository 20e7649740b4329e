-- The background of the feed `events`, as macros over (day, slot): any day can be written alone, in any number of
-- threads, and comes out the same. hash() of (seed, what, day, slot), never random(), whose order follows the threads.
-- Needs the variables seed, first_day_ms, slots (rows of a day), users.

create temp table planted (
    day_index integer,
    position integer,
    event_id varchar,
    event_type varchar,
    timestamp_text varchar,
    data varchar,
    is_again boolean
);

create temp macro draw(what, day, slot) as hash(getvariable('seed'), what, day, slot);
create temp macro share(what, day, slot) as (draw(what, day, slot) >> 11) / 9007199254740992.0;
create temp macro pick(list_of, number) as list_of[1 + number::bigint % len(list_of)];

-- One slot in 53 happened a day or two before the file it comes in: files are out of order, as they are in life.
create temp macro lateness(day, slot) as
    case when slot % 53 = 0 then least(day, 1 + draw('late', day, slot) % 2) else 0 end;
create temp macro happened_ms(day, slot) as
    getvariable('first_day_ms')
    + (day - lateness(day, slot))::bigint * 86400000
    + (slot * 86340000) // getvariable('slots')
    + (draw('ms', day, slot) % 60000)::bigint;
create temp macro instant_text(ms) as strftime(make_timestamp_ms(ms), '%Y-%m-%dT%H:%M:%S.%gZ');

-- A long tail of signatures; the cube makes a few common and most rare. Their types weigh little (severity * impact
-- at most .39), so that the planted failures stand out at every scale.
create temp macro noise_signature(day, slot) as floor(pow(share('signature', day, slot), 3) * 2000)::integer;
create temp macro noise_name(signature) as concat_ws(' ', pick([
    'alarm', 'badge', 'bike ride', 'body weight', 'calendar', 'calorie goal', 'chart', 'comment', 'cool-down',
    'distance', 'drink', 'exercise', 'friend', 'goal', 'heart rate', 'interval', 'lap', 'meal', 'measurement', 'note',
    'pace', 'photo', 'plan', 'playlist', 'record', 'reminder', 'rep', 'rest', 'route', 'season', 'session', 'set',
    'sleep', 'snack', 'step', 'streak', 'swim', 'tempo', 'timer', 'warm-up'
], signature), pick([
    'added twice', 'asked for again', 'asked in the wrong order', 'attached to another day', 'closed too soon',
    'copied without its unit', 'counted late', 'cut off', 'dated yesterday', 'found under another name', 'hidden',
    'in the wrong language', 'in the wrong unit', 'kept as a draft', 'left open', 'linked to nothing', 'listed twice',
    'lost in the search', 'matched to another', 'merged', 'misheard', 'moved', 'not asked for', 'not confirmed',
    'not found', 'not shared', 'opened in another list', 'out of order', 'over the limit', 'read aloud twice',
    'renamed', 'repeated', 'reset', 'restored', 'rounded', 'saved late', 'shown in grey', 'shown too early',
    'shown twice', 'skipped', 'sorted wrongly', 'split', 'stuck', 'suggested again', 'taken back', 'translated',
    'typed again', 'undone', 'unreadable', 'without a title'
], signature // 40));
create temp macro noise_type(signature) as pick([
    {'signal_type': 'workflow_phase_transition_closed', 'category': 'outcome_signal'},
    {'signal_type': 'save_handshake_verified', 'category': 'outcome_signal'},
    {'signal_type': 'repair_verified_closed', 'category': 'outcome_signal'},
    {'signal_type': 'repair_auto_applied', 'category': 'correction_signal'},
    {'signal_type': 'tooltip_dismissed', 'category': 'outcome_signal'},
    {'signal_type': 'repair_simulated_safe', 'category': 'quality_signal'},
    {'signal_type': 'entry_retyped', 'category': 'correction_signal'},
    {'signal_type': 'repair_proposed', 'category': 'quality_signal'}
], signature);
create temp macro user_number(day, slot) as
    floor(pow(share('user', day, slot), 2) * getvariable('users'))::integer;
create temp macro user_id(number) as 'user-' || lpad(number::varchar, greatest(4, len(number::varchar))::integer, '0');

create temp macro signal_data(day, slot, signature, happened) as concat(
    '{"schema_version":1,"signal_type":"', noise_type(signature).signal_type,
    '","category":"', noise_type(signature).category,
    -- One in 17 was sent without captured_at.
    case when slot % 17 != 0
        then concat('","captured_at":"', instant_text(happened - (draw('sent', day, slot) % 300000)::bigint))
    end,
    '","user_ref":{"pseudonymized_user_id":"', user_id(user_number(day, slot)),
    '"},"signature":{"issue_type":"', replace(noise_name(signature), ' ', '-'),
    '","invariant_id":', case when signature % 7 = 0 then 'null' else concat('"INV-', signature % 90, '"') end,
    ',"agent_version":"agent-', 1 + day // 30, '.', signature % 4,
    '","workflow_phase":"', pick(['plan', 'log', 'review', 'repair', 'save'], signature),
    '","modality":"', pick(['text', 'voice', 'photo'], draw('modality', day, slot) % 3),
    '","confidence_band":"', pick(['high', 'medium', 'high', 'low'], draw('band', day, slot) % 4), '"}',
    case when signature % 11 = 0 then concat(',"cluster_signature":"', noise_name(signature), '"') end,
    ',"attributes":{}}'
);

-- Eight well calibrated streams. Being wrong follows a golden-ratio sequence per stream and rung of confidence, not a
-- draw: over a week the share of wrong claims is what the confidence says, so no background stream drifts by chance.
create temp macro claim_stream(slot) as slot % 24 - 13;
create temp macro claim_turn(day, slot) as day * (getvariable('slots') // 24) + slot // 24;
create temp macro claim_confidence(day, slot) as round(
    pick([0.97, 0.92, 0.88, 0.72], claim_turn(day, slot) % 4)
    + (draw('confidence', day, slot) % 21)::double / 1000 - 0.01, 3
);
create temp macro is_wrong(day, slot) as
    (claim_turn(day, slot) // 4 * 0.6180339887498949
        + share('offset', claim_stream(slot), claim_turn(day, slot) % 4)) % 1
    > claim_confidence(day, slot);
create temp macro claim_class(slot) as
    pick(['set.distance', 'set.duration', 'meal.protein', 'sleep.hours'], claim_stream(slot) % 4);
create temp macro claim_field(slot) as pick(['distance', 'duration', 'protein', 'hours'], claim_stream(slot) % 4);
create temp macro claim_data(day, slot) as concat(
    '{"claim_type":"', claim_class(slot),
    '","confidence":', claim_confidence(day, slot),
    ',"provenance":{"parser_version":"', pick(['p-1.8', 'p-2.0'], claim_stream(slot) // 4),
    '"},"lineage":{"event_id":"entry-', day, '-', slot, '"}}'
);

create temp macro session_data(day, slot) as concat(
    '{"user_ref":{"pseudonymized_user_id":"', user_id(user_number(day, slot)), '"},"source":"app"}'
);

-- A day's own rows, every step-th slot. Of 24 slots 13 are signals, 8 claims, 3 of a type that no model reads.
create temp macro slot_rows(day, step) as table
with slots as (
    select
        range as slot,
        range % 24 as kind,
        noise_signature(day, range) as signature,
        happened_ms(day, range) as happened
    from range(0, case when day >= 0 then getvariable('slots') else 0 end, step)
)

select
    kind > 20 as is_ignored,
    concat('ev-', day, '-', slot) as event_id,
    case
        when kind <= 12 then 'learning.signal.logged'
        when kind <= 20 then 'evidence.claim.logged'
        else 'session.opened'
    end as event_type,
    instant_text(happened) as timestamp_text,
    case
        when kind <= 12 then signal_data(day, slot, signature, happened)
        when kind <= 20 then claim_data(day, slot)
        else session_data(day, slot)
    end as data
from slots;

-- What came to light on a day about the claims of the seven days before it: three corrections to a retraction.
create temp macro correction_rows(day) as table
with wrong as (
    select
        range as slot,
        day - 1 - range % 7 as claim_day
    from range(0, getvariable('slots'), 1)
    where range % 24 between 13 and 20
        and day - 1 - range % 7 >= 0
        and is_wrong(day - 1 - range % 7, range)
)

select
    concat('fix-', claim_day, '-', slot) as event_id,
    case when slot % 4 > 0 then 'set.corrected' else 'event.retracted' end as event_type,
    instant_text(
        getvariable('first_day_ms') + day::bigint * 86400000 + (draw('fix', claim_day, slot) % 86400000)::bigint
    ) as timestamp_text,
    case
        when slot % 4 > 0
            then concat(
                '{"target_event_id":"entry-', claim_day, '-', slot,
                '","changed_fields":{"', claim_field(slot), '":{"from":1,"to":2}}}'
            )
        else concat('{"retracted_event_id":"entry-', claim_day, '-', slot, '"}')
    end as data
from wrong;

-- One in 97 of yesterday's rows is delivered again.
create temp macro again_rows(day) as table
select event_id, event_type, timestamp_text, data from slot_rows(day - 1, 97) where not is_ignored;

create temp macro event_line(event_id, event_type, timestamp_text, data) as concat(
    '{"event_id":"', event_id, '","event_type":"', event_type, '","timestamp":"', timestamp_text, '","data":', data, '}'
);
create temp macro turned_line(event_id, event_type, timestamp_text, data) as concat(
    '{"data":', data, ', "timestamp":"', timestamp_text, '", "event_type":"', event_type, '", "event_id":"', event_id,
    '"}'
);

-- A day's file as JSON lines. One slot in 401 also left a torn line, which is no JSON.
create temp macro day_lines(day) as table
select event_line(event_id, event_type, timestamp_text, data) as line from slot_rows(day, 1)
union all
select left(event_line(event_id, event_type, timestamp_text, data), 140) as line from slot_rows(day, 401)
union all
select event_line(event_id, event_type, timestamp_text, data) as line from correction_rows(day)
union all
select turned_line(event_id, event_type, timestamp_text, data) as line from again_rows(day)
union all
select
    case
        when is_again then turned_line(event_id, event_type, timestamp_text, data)
        else event_line(event_id, event_type, timestamp_text, data)
    end as line
from (select * from planted where day_index = day order by position);

-- The same day as columns, for CSV and Parquet: `data` is a text that holds the object.
create temp macro day_columns(day) as table
select event_id, event_type, timestamp_text as "timestamp", data from slot_rows(day, 1)
union all
select event_id, event_type, timestamp_text, data from correction_rows(day)
union all
select event_id, event_type, timestamp_text, data from again_rows(day)
union all
select event_id, event_type, timestamp_text, data
from (select * from planted where day_index = day order by position);
