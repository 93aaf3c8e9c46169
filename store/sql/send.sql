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
select id, sent_state from touch where message_id = $1 and coalesce(owner_id, '') = $2 and recipient = $3
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
insert into approval (id, owner_id, enrolment_id, prospect_id, step, content_hash, decision, by_whom, because, decided,
	recipient)
values ($1, $2, $3, $4, $5, $6, 'template', $7, $8, $9, $10)
-- name: templates_lately
select recipient from approval where decision = 'template' and decided > $1 limit $2
-- name: grant_of_template
select id, granted_by from authority_grant
where owner_id = $1 and sequence in ($2, '*') and authority = 'approved_template' and revoked is null
	and (expires is null or expires > $3) and (template is null or template = '' or template = $4)
order by template desc, created desc limit 1
-- name: approved_text_put
insert into approved_text (content_hash, subject, text, at) values ($1, $2, $3, $4) on conflict (content_hash) do nothing
-- name: approved_text_get
select subject, text from approved_text where content_hash = $1

-- the sending record of one mail: what, to whom, why one might, who said so, what became of it
-- name: ctl_touch
select t.id as communication, t.kind, t.channel, t.at as sent__t, t.recipient, t.prospect_id as prospect, p.name,
	c.name as company, o.login as owner, t.sequence, t.step, t.enrolment_id as enrolment, t.message_type as type, t.offer,
	s.kind as source, s.url as source_url, t.permission,
	t.subject, t.drafted_text as draft, t.final_text as text, t.edit_ratio as edited, t.cta, t.links, t.attachments,
	t.flags as compliance,
	case when t.approval_id is null then 'sent by the owner'
		when a.decision = 'template' then 'template under a ' || a.by_whom
		else a.decision || ' by ' || a.by_whom end as approval,
	a.decided as approved__t, a.content_hash,
	case when exists (select 1 from send x where x.enrolment_id = t.enrolment_id and x.touch_id = t.id) then 'relent' else 'the owner' end as handed_over_by,
	t.sent_state as state, t.queued_at as queued__t, t.delivered_at as delivered__t, t.provider_result as provider,
	t.message_id, t.queue_id, t.host, t.reply_status as reply, t.outcome,
	coalesce(t.next_action, p.next_action) as next_action, e.state as sequence_state, e.due as due__t,
	t.suppression_status as suppression_then,
	case when exists (select 1 from suppression u where u.subject = t.recipient and u.lifted is null) then 'suppressed'
		else 'clear' end as suppression_now,
	t.updated as updated__t
from touch t join owner o on o.id = t.owner_id left join prospect p on p.id = t.prospect_id
left join company c on c.id = t.company_id left join source s on s.id = t.source_id
left join enrolment e on e.id = t.enrolment_id left join approval a on a.id = t.approval_id
where t.id = $1
-- name: ctl_touch_evidence
select v.type, v.point, v.source, v.safe as safe__b
from touch t join evidence v on v.prospect_id = t.prospect_id
where t.id = $1 and v.point <> '' and t.final_text like '%' || v.point || '%' order by v.created limit 20

-- forgetting a person
-- name: forget_send
update send set mail = null, recipient = 'forgotten', message_id = 'forgotten', words = null
where enrolment_id in (select id from enrolment where prospect_id = $1) and prospect_id = $1
-- name: forget_approved_text
delete from approved_text where content_hash in (select content_hash from approval where prospect_id = $1)
