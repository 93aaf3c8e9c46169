-- Sending what was approved (sends.c).

-- name: send_get
select id, enrolment_id, owner_id, prospect_id, draft_id, approval_id, step, message_id, sender, recipient,
	content_hash, mail, state, prepared, coalesce(ended, 0), touch_id, words
from send where id = $1
-- name: send_put
insert into send (id, enrolment_id, owner_id, prospect_id, draft_id, approval_id, step, message_id, sender, recipient,
	content_hash, mail, state, prepared)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'prepared', $13)
on conflict (id) do update set mail = excluded.mail, prepared = excluded.prepared, sender = excluded.sender
where send.state = 'prepared'
-- name: send_ended
update send set state = 'ended', ended = $2, words = null where id = $1 and state = 'prepared'
-- name: send_not_taken
update send set state = 'prepared', ended = null, words = $2 where id = $1 and state = 'ended'
-- name: send_settle
update send set state = $2, settled = $3, touch_id = coalesce($4, touch_id), words = coalesce($5, words)
where id = $1 and state in ('prepared', 'ended', 'unsure')
-- name: send_copied
update send set mail = null where id = $1 and state <> 'prepared' and state <> 'ended'
-- name: sends_unsure
select id from send where state = 'unsure' and ended >= $1 order by ended limit 100
-- name: send_state_of_outbox
select b.state, b.kind, s.state, s.message_id, coalesce(s.ended, 0) from outbox b left join send s on s.id = b.id where b.id = $1
-- name: send_touch
select id, sent_state from touch where message_id = $1 and owner_id = $2 and recipient = $3
order by case when sent_state = 'taken_back' then 1 else 0 end, at desc limit 1
-- name: send_refusal
select rule, coalesce(code, 0), fact, text from refusal
where at >= $1 and overridden = 0 and observed = 0 and mode = 'enforce'
	and (message_id = $2 or message_id is null and recipient = $3 and login = $4)
order by at desc, id desc limit 1
-- name: send_later
update outbox set state = 'waiting', not_before = $2, taken_until = null, last_error = $3,
	attempts = case when attempts > 0 then attempts - 1 else 0 end
where id = $1 and state = 'taken'
-- name: send_cancel
update outbox set state = 'cancelled', done = $2, last_error = $3, taken_until = null
where id = $1 and state in ('waiting', 'taken')
-- name: send_again
update outbox set state = 'waiting', not_before = $2, taken_until = null, last_error = $3
where key = $1 and kind = 'send' and state in ('waiting', 'taken')
-- name: send_approval
select id, content_hash, by_whom, decision, decided, coalesce(expires, 0), void, used from approval where id = $1
-- name: send_draft_updated
select updated from draft where id = $1
-- name: approval_void
update approval set void = $2 where id = $1 and void is null
-- name: approval_of_template
insert into approval (id, owner_id, enrolment_id, prospect_id, step, content_hash, decision, by_whom, because, decided)
values ($1, $2, $3, $4, $5, $6, 'template', $7, $8, $9)
-- name: grant_of_template
select id, granted_by from authority_grant
where owner_id = $1 and sequence in ($2, '*') and authority = 'approved_template' and revoked is null
	and (expires is null or expires > $3) and (template is null or template = '' or template = $4)
order by template desc, created desc limit 1
-- name: approved_text_put
insert into approved_text (content_hash, subject, text, at) values ($1, $2, $3, $4) on conflict (content_hash) do nothing
-- name: approved_text_get
select subject, text from approved_text where content_hash = $1

-- forgetting a person
-- name: forget_send
update send set mail = null, recipient = 'forgotten', message_id = 'forgotten', words = null where prospect_id = $1
-- name: forget_approved_text
delete from approved_text where content_hash in (select content_hash from approval where prospect_id = $1)
