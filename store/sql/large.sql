-- Large stores: retention, the checkpoint of verify.

-- Where a walk in small steps has got to.
-- name: walk_get
select at, ref, hash, updated from walk where name = $1
-- name: walk_put
insert into walk (name, at, ref, hash, updated) values ($1, $2, $3, $4, $5)
on conflict (name) do update set at = excluded.at, ref = excluded.ref, hash = excluded.hash, updated = excluded.updated

-- Touches in the order in which they were accepted: the log has that order, the touches have no index for it.
-- name: retain_touches
select seq, at, entity_id from event where entity = 'touch' and kind = 'accepted' and seq > $1 order by seq limit $2
-- name: retain_text
update touch set final_text = null, drafted_text = null
where id = $1 and (final_text is not null or drafted_text is not null)
-- name: retain_replies
select id, received from reply where received >= $1 and received < $2 and visible is not null order by received limit $3
-- name: retain_answer
update reply set visible = null where id = $1
-- name: retain_refusals
delete from refusal where id in (select id from refusal where at < $1 order by at limit $2)
-- name: retain_outbox
select id, state, kind, created from outbox where id > $1 order by id limit $2
-- name: retain_outbox_row
delete from outbox where id = $1 and state in ('done', 'cancelled', 'dead') and kind <> 'send'
	and not exists (select 1 from digest_list d where d.id = outbox.id)
-- name: retain_free
-- pgsql: select cast(0 as bigint)
select freelist_count from pragma_freelist_count
-- name: retain_vacuum
-- pgsql: select 1
pragma incremental_vacuum(64)

-- ---- forget: by index what is known to be theirs ----

-- name: forget_task
delete from task where id in (select id from task where prospect_id = $1
	union select t.id from enrolment e join task t on t.enrolment_id = e.id where e.prospect_id = $1)
-- name: forget_review
delete from review where id in (select id from review where prospect_id = $1
	union select r.id from enrolment e join review r on r.enrolment_id = e.id where e.prospect_id = $1)
-- name: forget_approval
delete from approval where id in (select id from approval where prospect_id = $1
	union select p.id from enrolment e join approval p on p.enrolment_id = e.id where e.prospect_id = $1)
-- name: forget_reply
delete from reply where id in (select id from reply where prospect_id = $1
	union select r.id from enrolment e join reply r on r.enrolment_id = e.id where e.prospect_id = $1)
-- name: forget_events
update event set payload = null where payload is not null and seq in (select seq from event where prospect_id = $1
	union select seq from event where entity = 'prospect' and entity_id = $1
	union select v.seq from enrolment e join event v on v.enrolment_id = e.id where e.prospect_id = $1)
-- name: forget_heard
delete from heard where address in ($1, $2)

-- What only names them is found by reading all of it: in pages, out of any write transaction; then changed by its key.
-- $3 - $6: an address in quotes, or null.
-- name: forget_walk_events
select seq, case when instr(lower(payload), $3) > 0 or instr(lower(payload), $4) > 0 or instr(lower(payload), $5) > 0
	or instr(lower(payload), $6) > 0 then 1 else 0 end
from event where seq > $1 order by seq limit $2
-- name: forget_event
update event set payload = null where seq = $1
-- What came while the pages were read: some rows.
-- name: forget_last_events
update event set payload = null where seq > $1 and instr(lower(payload), $2) > 0
-- $3 - $6: without quotes; a digest is a text.
-- name: forget_walk_outbox
select id, case when instr(lower(payload), $3) > 0 or instr(lower(payload), $4) > 0 or instr(lower(payload), $5) > 0
	or instr(lower(payload), $6) > 0 then 1 else 0 end
from outbox where id > $1 order by id limit $2
-- A digest under way that tells of them is given up: tomorrow's does not.
-- name: forget_digest_mail
update outbox set payload = '{}', state = 'cancelled' where id = $1 and kind = 'mail' and state in ('waiting', 'taken', 'dead')
-- name: forget_note_about
update outbox set payload = '{}', last_error = null, state = case when state in ('waiting', 'taken') then 'cancelled' else state end
where id = $1 and kind <> 'draft_remove' and instr(lower(payload), $2) > 0
-- name: walk_end
delete from walk where name = $1

-- name: ctl_first_event
select min(at) as at from event
-- Forgetting that was begun and not ended.
-- name: ctl_half_forgotten
select count(*) as people from walk where name >= 'forget:' and name < 'forget;' and updated < $1
