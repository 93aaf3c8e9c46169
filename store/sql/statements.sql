-- Every statement of the store, once, by name. $1 parameters; only what SQLite and PostgreSQL both
-- take (`on conflict`, `returning`, `case`). Row functions read some of them by column number: keep the order.

-- ---- owners ----
-- name: owner_find
select o.id, o.login, o.name, o.zone from owner o where o.login = $1 and o.active = 1
union all
select o.id, o.login, o.name, o.zone from owner_address x join owner o on o.id = x.owner_id
where x.address = $1 and o.active = 1
limit 1
-- name: owner_id_by_login
select id from owner where login = $1
-- name: owner_all
select id, login, name, zone, signature, manager, active from owner
-- name: owner_address_all
select owner_id, address from owner_address
-- name: owner_login
select login from owner where id = $1
-- name: owner_zone
select zone from owner where id = $1
-- name: owner_addresses
select address from owner_address where owner_id = $1 order by address
-- name: owner_address_clear
delete from owner_address where owner_id = $1
-- name: owner_address_insert
insert into owner_address (address, owner_id) values ($1, $2)
on conflict (address) do update set owner_id = excluded.owner_id
-- name: owner_accounts
select name, last_error, last_ok from account where owner_id = $1 and state <> 'removed'
order by coalesce(last_ok, 0), name
-- name: owner_account
select name from account where owner_id = $1 and state <> 'removed' order by name limit 1
-- name: owner_list
select o.id, o.login, o.name, o.zone, o.active, o.manager, o.away_from, o.away_until,
	(select count(*) from prospect p where p.owner_id = o.id) as prospects,
	(select group_concat(x.address, ' ') from owner_address x where x.owner_id = o.id) as addresses
from owner o order by o.login

-- ---- companies, prospects ----
-- name: company_by_domain
select company_id from company_domain where domain = $1
-- name: company_by_name
select id from company where name = $1 order by id limit 1
-- name: company_domain_insert
insert into company_domain (domain, company_id, added) values ($1, $2, $3) on conflict (domain) do nothing
-- name: prospect_id_by_address
select p.id, p.company_id, p.owner_id from prospect_address x join prospect p on p.id = x.prospect_id
where x.address = $1
-- name: prospect_ids_by_same
select p.id, p.company_id, p.owner_id, x.address
from prospect_address x join prospect p on p.id = x.prospect_id
where x.same = $1 order by x.added, x.address
-- name: prospect_id_by_prefix
select id from prospect where id >= $1 and id < $2 order by id limit 2
-- name: prospect_row
select * from prospect where id = $1
-- name: prospect_addresses
select address, kind from prospect_address where prospect_id = $1
order by case kind when 'primary' then 0 else 1 end, address
-- name: prospect_address_insert
insert into prospect_address (address, prospect_id, kind, domain, added, same) values ($1, $2, $3, $4, $5, $6)
on conflict (address) do nothing
-- name: prospect_owner_default
update prospect set owner_id = $2 where id = $1 and owner_id is null
-- name: prospect_stage
select stage from prospect where id = $1
-- name: prospect_facts
select p.*, c.name as company_name, c.size as company_size, c.industry as company_industry,
	c.location as company_location,
	(select x.address from prospect_address x where x.prospect_id = p.id
	 order by case x.kind when 'primary' then 0 else 1 end, x.address limit 1) as email
from prospect p left join company c on c.id = p.company_id where p.id = $1
-- name: source_same
select id from source where prospect_id = $1 and kind = $2 and coalesce(url, '') = coalesce($3, '')
	and permission = $4

-- ---- sequences ----
-- name: plan_by_id
select version, source from sequence where id = $1
-- name: plan_latest
select id, version, hash from sequence where name = $1 order by version desc limit 1
-- name: plan_by_version
select id, version, hash from sequence where name = $1 and version = $2
-- name: plan_insert
insert into sequence (id, name, version, hash, source, created, created_by)
values ($1, $2, $3, $4, $5, $6, $7)
-- name: plan_step_insert
insert into step (sequence_id, number, day, minutes, channel, job, type, template, subject, text)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- ---- enrolments ----
-- name: enrolment_load
select e.id, e.state, e.step, e.touches, e.started, e.last_touch, e.due, e.zone, e.holds, e.held_since,
	e.pause_reason, e.pause_words, e.resume_state, e.resume_due, e.reason, e.away_count,
	e.soft_bounces, e.soft_bounce_first, e.send_failures, e.draft_out, e.prev_state, e.prev_step,
	e.prev_due, e.prev_last_touch, e.version,
	e.sequence_id, e.prospect_id, e.owner_id, e.thread_subject, o.login,
	(select x.address from prospect_address x where x.prospect_id = e.prospect_id
	 order by case x.kind when 'primary' then 0 else 1 end, x.address limit 1),
	p.name, p.company_id, s.name,
	(select t.message_id from touch t where t.enrolment_id = e.id and t.sent_state <> 'taken_back' and t.channel = 'email'
	 order by t.at desc, t.id desc limit 1),
	(select t.refs from touch t where t.enrolment_id = e.id and t.sent_state <> 'taken_back' and t.channel = 'email'
	 order by t.at desc, t.id desc limit 1)
from enrolment e
join prospect p on p.id = e.prospect_id
join owner o on o.id = e.owner_id
join sequence s on s.id = e.sequence_id
where e.id = $1
-- name: enrolment_insert
insert into enrolment (id, prospect_id, owner_id, sequence_id, state, started, zone, review_note, created,
	updated)
values ($1, $2, $3, $4, $5, $6, $7, $8, $6, $6)
-- name: enrolment_save
update enrolment set state = $3, step = $4, touches = $5, last_touch = $6, due = $7, zone = $8,
	holds = $9, held_since = $10, pause_reason = $11, pause_words = $12, resume_state = $13,
	resume_due = $14, reason = $15, away_count = $16, soft_bounces = $17, soft_bounce_first = $18,
	send_failures = $19, draft_out = $20, prev_state = $21, prev_step = $22, prev_due = $23,
	prev_last_touch = $24, version = $25, updated = $26
where id = $1 and version = $2
-- name: enrolment_thread
update enrolment set thread_subject = $2 where id = $1 and thread_subject is null
-- name: enrol_facts
select p.stage, p.priority,
	exists (select 1 from source s where s.prospect_id = p.id) as has_source,
	exists (select 1 from source s where s.prospect_id = p.id and s.permission <> 'none') as has_permission,
	p.identity_status in ('verified', 'probable') as has_identity,
	exists (select 1 from evidence v where v.prospect_id = p.id and v.safe = 1
		and v.type in ('verified_fact', 'public_observation')) as has_evidence,
	p.zone,
	(select x.address from prospect_address x where x.prospect_id = p.id
	 order by case x.kind when 'primary' then 0 else 1 end, x.address limit 1) as address,
	p.client, p.name, p.merged_into
from prospect p where p.id = $1
-- name: enrolment_live_of
select e.id, s.name, e.state from enrolment e join sequence s on s.id = e.sequence_id
where e.prospect_id = $1 and e.state in ('not_started', 'researching', 'drafting', 'awaiting_approval',
	'ready_to_send', 'sent', 'waiting', 'follow_up_due', 'appointment_proposed', 'parked')
limit 1
-- name: enrolment_count
select count(*) from enrolment e join sequence s on s.id = e.sequence_id where s.name = $1
-- name: enrolments_due
select id from enrolment where due > 0 and due <= $1 and holds = 0
	and state in ('not_started','researching','drafting','sent','waiting','follow_up_due','parked',
		'appointment_proposed')
order by due limit $2
-- name: enrolments_held
select id from enrolment where holds > 0 and held_since > 0 and held_since < $1 order by held_since limit $2
-- name: enrolments_live_of_prospect
select id from enrolment where prospect_id = $1
	and state in ('not_started', 'researching', 'drafting', 'awaiting_approval', 'ready_to_send', 'sent',
		'waiting', 'follow_up_due', 'appointment_proposed', 'parked')
-- name: enrolments_of_prospect
select id, state, owner_id from enrolment where prospect_id = $1 order by created, id
-- name: enrolments_of_company
select e.id from prospect p join enrolment e on e.prospect_id = p.id
where p.company_id = $1
	and e.state in ('not_started', 'researching', 'drafting', 'awaiting_approval', 'ready_to_send', 'sent',
		'waiting', 'follow_up_due', 'appointment_proposed', 'parked')
-- name: enrolments_of_domain
select distinct e.id from prospect_address x join enrolment e on e.prospect_id = x.prospect_id
where x.domain = $1
	and e.state in ('not_started', 'researching', 'drafting', 'awaiting_approval', 'ready_to_send', 'sent',
		'waiting', 'follow_up_due', 'appointment_proposed', 'parked')
-- name: enrolments_of_address
select distinct e.id, s.name, p.client, x.address from prospect_address x join prospect p on p.id = x.prospect_id
join enrolment e on e.prospect_id = p.id join sequence s on s.id = e.sequence_id
where (x.address = $1 or x.same = $2) and e.state <> 'suppressed'
-- name: enrolments_under_domain
select distinct e.id, s.name, p.client from prospect_address x join prospect p on p.id = x.prospect_id
join enrolment e on e.prospect_id = p.id join sequence s on s.id = e.sequence_id
where x.domain = $1 and e.state <> 'suppressed'
	and ($1 = $2 or x.address like $3 or x.address like $4)
union
select e.id, s.name, p.client from company_domain d join prospect p on p.company_id = d.company_id
join enrolment e on e.prospect_id = p.id join sequence s on s.id = e.sequence_id
where d.domain = $2 and e.state <> 'suppressed'
union
select e.id, s.name, p.client from company_domain d join company_domain o on o.company_id = d.company_id
join prospect_address x on x.domain = o.domain join prospect p on p.id = x.prospect_id
join enrolment e on e.prospect_id = p.id join sequence s on s.id = e.sequence_id
where d.domain = $2 and e.state <> 'suppressed'
-- name: enrolments_all_of_company
select e.id, s.name, p.client from prospect p join enrolment e on e.prospect_id = p.id
join sequence s on s.id = e.sequence_id
where p.company_id = $1 and e.state <> 'suppressed'
union
select e.id, s.name, p.client from company_domain d
join prospect_address x on x.domain = d.domain join prospect p on p.id = x.prospect_id
join enrolment e on e.prospect_id = p.id join sequence s on s.id = e.sequence_id
where d.company_id = $1 and e.state <> 'suppressed'

-- ---- recall: what the milter asks for each outreach mail ----
-- name: recall_prospect
select p.id, p.name, c.name, p.company_id, p.zone, p.owner_id, p.permission_channels,
	p.relationship
from prospect p left join company c on c.id = p.company_id where p.id = $1
-- (no limit: a person has few, and with one SQLite sorts in a file of its own)
-- name: recall_enrolment
select e.id, e.state, e.step, e.touches, e.started, e.last_touch, e.due, e.zone, e.holds, e.held_since,
	e.pause_reason, e.pause_words, e.resume_state, e.resume_due, e.reason, e.away_count,
	e.soft_bounces, e.soft_bounce_first, e.send_failures, e.draft_out, e.prev_state, e.prev_step,
	e.prev_due, e.prev_last_touch, e.version, e.sequence_id,
	case when e.review_note is null then 0 else 1 end,
	exists (select 1 from source s where s.prospect_id = e.prospect_id),
	exists (select 1 from source s where s.prospect_id = e.prospect_id and s.permission <> 'none'),
	exists (select 1 from evidence v where v.prospect_id = e.prospect_id and v.safe = 1
		and v.type in ('verified_fact', 'public_observation')),
	(select p.identity_status in ('verified', 'probable') from prospect p where p.id = e.prospect_id),
	e.updated, case when e.owner_id = $2 then 1 else 0 end
from enrolment e where e.prospect_id = $1
order by case when e.owner_id = $2 then 0 else 1 end,
	case when e.state in ('not_started', 'researching', 'drafting', 'awaiting_approval', 'ready_to_send',
		'sent', 'waiting', 'follow_up_due', 'appointment_proposed', 'parked') then 0 else 1 end,
	e.created desc, e.id desc
-- name: recall_touches
select id, enrolment_id, step, at, message_id, fingerprint, queue_id, sent_state, subject, final_text
from touch where prospect_id = $1 and kind <> 'conversation' order by at desc, id desc limit $2
-- name: recall_touches_to
select id, enrolment_id, step, at, message_id, fingerprint, queue_id, sent_state, subject, final_text
from touch where recipient = $1 and kind <> 'conversation' order by at desc, id desc limit $2
-- name: recall_draft
select id, step, message_id, subject, text, made, seen_subject, seen_text from draft
where enrolment_id = $1 and state in ('placed', 'edited', 'gone', 'sending') order by step desc limit 1
-- name: recall_reply
select sender, subject, received, class from reply
where prospect_id = $1 and (kind = 'human' or kind = 'calendar') order by received desc limit 1
-- name: recall_has_written
select 1 from reply where prospect_id = $1 and owner_id = $2 and kind = 'human' and colleague = 0 limit 1
-- name: recall_sender_today
select count(*) from (select 1 from touch where owner_id = $1 and at >= $2 and kind in ('touch', 'manual')
	and sent_state <> 'taken_back' limit $3) as asked
-- name: recall_from_today
select touches from tally where scope = 'domain' and name = $1 and day = $2
-- name: recall_domain_today
select count(*) from touch where domain = $1 and at >= $2 and kind in ('touch', 'manual')
	and sent_state <> 'taken_back'
-- name: recall_near_company
select recipient, at from touch where company_id = $1 and at >= $2 and recipient <> $3
	and coalesce(prospect_id, '') <> $4 and kind in ('touch', 'manual') and sent_state <> 'taken_back'
order by at desc limit 1
-- name: recall_sources
select kind, permission, jurisdiction from source where prospect_id = $1 order by created limit 20
-- name: recall_other_channels
select max(last_touch) from enrolment where prospect_id = $1
-- name: recall_other_enrolment
select o.login, e.started from enrolment e join owner o on o.id = e.owner_id
where e.prospect_id = $1 and e.owner_id <> $2 and e.state in ('not_started', 'researching', 'drafting',
	'awaiting_approval', 'ready_to_send', 'sent', 'waiting', 'follow_up_due', 'appointment_proposed', 'parked',
	'reply_received', 'human_review', 'booked')
limit 1
-- name: recall_other_reply
select o.login, r.received, r.sender from reply r join owner o on o.id = r.owner_id
where r.prospect_id = $1 and r.received >= $3 and r.owner_id <> $2 and r.kind = 'human'
order by r.received desc limit 1
-- name: recall_company_enrolment
select o.login, e.started, (select x.address from prospect_address x where x.prospect_id = p.id limit 1)
from prospect p join enrolment e on e.prospect_id = p.id join owner o on o.id = e.owner_id
where p.company_id = $1 and p.id <> $3 and e.owner_id <> $2 and e.state in ('not_started', 'researching',
	'drafting', 'awaiting_approval', 'ready_to_send', 'sent', 'waiting', 'follow_up_due',
	'appointment_proposed', 'parked', 'reply_received', 'human_review', 'booked')
limit 1
-- name: recall_company_reply
select o.login, r.received, r.sender
from prospect p join reply r on r.prospect_id = p.id join owner o on o.id = r.owner_id
where p.company_id = $1 and p.id <> $3 and r.received >= $4 and r.owner_id <> $2 and r.kind = 'human'
order by r.received desc limit 1
-- name: recall_domain_enrolment
select o.login, e.started, x.address
from prospect_address x join enrolment e on e.prospect_id = x.prospect_id join owner o on o.id = e.owner_id
where x.domain = $1 and x.prospect_id <> $3 and e.owner_id <> $2 and e.state in ('not_started', 'researching',
	'drafting', 'awaiting_approval', 'ready_to_send', 'sent', 'waiting', 'follow_up_due',
	'appointment_proposed', 'parked', 'reply_received', 'human_review', 'booked')
limit 1
-- name: recall_domain_reply
select o.login, r.received, r.sender
from prospect_address x join reply r on r.prospect_id = x.prospect_id join owner o on o.id = r.owner_id
where x.domain = $1 and x.prospect_id <> $3 and r.received >= $4 and r.owner_id <> $2 and r.kind = 'human'
order by r.received desc limit 1
-- name: proposal_get
select prospect_id, version, content, coalesce(expires, 0), state from proposal where id = $1
-- name: recall_proposal
select id, state, version, date, coalesce(expires, 0) as expires, content from proposal where prospect_id = $1
order by created desc, id desc limit 1
-- name: recall_pilot_started
select 1 from enrolment where sequence_id in (select id from sequence where name = $1) and touches > 0 and id <> $2
limit $3
-- name: recall_pilot_all
select 1 from enrolment where sequence_id in (select id from sequence where name = $1) limit $2
-- name: message_held
select e.prospect_id, cast(null as text) from hold h join enrolment e on e.id = h.enrolment_id
where h.mail_key = $1
union all
select cast(null as text), address from heard where message_id = $1
-- name: heard_from
select 1 from heard where owner_id = $1 and address = $2 limit 1
-- name: heard_insert
insert into heard (owner_id, address, message_id, at) values ($1, $2, $3, $4) on conflict do nothing
-- name: recall_others
select p.id, t.recipient, p.name, c.name, p.company_id
from touch t cross join prospect p left join company c on c.id = p.company_id
where t.owner_id = $1 and t.at > $4 and p.id = t.prospect_id and p.id <> $2
order by t.at desc limit $3
-- name: recall_other_ids
select prospect_id from touch where owner_id = $1 and at > $4 and prospect_id <> $2 order by at desc limit $3
-- name: prospect_company
select c.name from prospect p join company c on c.id = p.company_id where p.id = $1
-- name: recall_namesake
select p.id, (select x.address from prospect_address x where x.prospect_id = p.id order by x.kind = 'primary' desc
	limit 1), p.name, c.name, p.company_id
from prospect p left join company c on c.id = p.company_id
where p.owner_id = $1 and p.id <> $2 and p.merged_into is null
	and (lower(p.first_name) = lower($3) or lower(p.last_name) = lower($3) or lower(p.name) = lower($3)
		or lower(substr(p.name, 1, length($3) + 1)) = lower($3 || ' ')
		or lower(substr(p.name, -length($3) - 1)) = lower(' ' || $3))
limit 1
-- name: message_ref_find
select m.kind, m.ref_id, m.prospect_id, m.owner_id, r.sender, m.enrolment_id, r.colleague
from message_ref m left join reply r on m.kind = 'reply' and r.id = m.ref_id
where m.message_id = $1
-- name: message_ref_insert
insert into message_ref (message_id, kind, ref_id, enrolment_id, prospect_id, owner_id, at)
values ($1, $2, $3, $4, $5, $6, $7) on conflict (message_id, kind, ref_id) do nothing

-- ---- touches ----
-- name: touch_same_message
select id, enrolment_id, step, at, message_id, fingerprint, queue_id, sent_state, subject, final_text
from touch where owner_id = $1 and recipient = $2 and message_id = $3 and sent_state <> 'taken_back'
-- (coalesce: by the recipient, the newest first, not by a walk through everything of this owner)
-- name: touch_same_print
select id, enrolment_id, step, at, message_id, fingerprint, queue_id, sent_state, subject, final_text
from touch where coalesce(owner_id, '') = $1 and recipient = $2 and fingerprint = $3 and sent_state <> 'taken_back'
order by at desc limit 1
-- name: touch_insert
insert into touch (id, enrolment_id, prospect_id, owner_id, company_id, source_id, permission, offer,
	kind, step, message_type, recipient, message_id, fingerprint, refs, subject, final_text,
	drafted_text, draft_id, edit_ratio, flags, approval_id, approver, sent_state, at, queue_id, host,
	observed, suppression_status, sender_domain, domain, sequence, first, links, attachments, updated)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
	$23, 'accepted', $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $24)
on conflict do nothing
-- name: touch_prospect
select p.company_id, p.client, s.id, s.permission from prospect p left join source s on s.prospect_id = p.id
where p.id = $1 order by s.created limit 1
-- name: touch_by_token
select id, recipient, enrolment_id, owner_id, prospect_id from touch
where substr(replace(id, '-', ''), 1, 20) = $1
-- name: stamp_recipient
select recipient from draft where id = $1 and recipient is not null
union all
select recipient from touch where id = $1
limit 1
-- name: approval_latest
select id, content_hash, by_whom, draft_id from approval
where enrolment_id = $1 and step = $2 and decision in ('approve', 'edit_and_approve', 'template') and void is null
order by decided desc limit 1
-- name: approval_by_hash
select id, owner_id, enrolment_id, prospect_id, coalesce(step, 0), decision, by_whom, decided, coalesce(expires, 0),
	used, void
from approval where content_hash = $1 order by decided desc, id desc limit 1
-- name: approval_used
update approval set used = $2 where id = $1 and used is null
-- name: approval_add
insert into approval (id, owner_id, enrolment_id, prospect_id, step, content_hash, decision, by_whom, because, decided,
	expires)
values ($1, $2, $3, $4, $5, $6, 'approve', $7, $8, $9, $10)
-- name: recall_grants
select authority, sequence, template from authority_grant
where owner_id = $1 and (sequence = $2 or sequence = '*') and revoked is null and (expires is null or expires > $3)
-- name: recall_inbound
select 1 from source where prospect_id = $1 and kind in ('inbound_form', 'inbound_mail') limit 1
-- name: approval_insert
insert into approval (id, owner_id, enrolment_id, prospect_id, step, content_hash, decision, by_whom, decided)
values ($1, $2, $3, $4, $5, $6, 'approve', $7, $8)
-- name: refusal_insert
insert into refusal (id, at, login, owner_id, recipient, rule, mode, code, text, fact, overridden, observed,
	message_id, queue_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)

-- ---- rates, breakers, push-back ----
-- name: touch_before
select 1 from touch where recipient = $1 and id <> $2 and sent_state <> 'taken_back' and kind in ('touch', 'manual')
limit 1
-- name: tally_add
insert into tally (scope, name, day, touches, first_touches, bounces, complaints, unsubscribes)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (scope, name, day) do update set touches = tally.touches + excluded.touches,
	first_touches = tally.first_touches + excluded.first_touches,
	bounces = tally.bounces + excluded.bounces, complaints = tally.complaints + excluded.complaints,
	unsubscribes = tally.unsubscribes + excluded.unsubscribes
-- name: tally_sum
select coalesce(sum(touches), 0), coalesce(sum(bounces), 0), coalesce(sum(complaints), 0),
	coalesce(sum(unsubscribes), 0)
from tally where scope = $1 and name = $2 and day >= $3
-- name: tally_days
select count(*) from tally where scope = $1 and name = $2 and day >= $3 and day < $4 and touches > 0
-- name: rates_touch
select id, owner_id, sender_domain, sequence, at, bounced, complained, unsubscribed, first from touch where id = $1
-- name: rates_touch_to
select id, owner_id, sender_domain, sequence, at, bounced, complained, unsubscribed, first from touch
where recipient = $1 and at >= $2 and kind in ('touch', 'manual') and sent_state <> 'taken_back'
order by at desc, id desc limit 1
-- name: touch_outcome_set
update touch set bounced = bounced + $2, complained = complained + $3, unsubscribed = unsubscribed + $4
where id = $1
-- name: breaker_get
select id, level, cause, opened from breaker where scope = $1 and name = $2 and closed is null
-- name: breaker_by_id
select id, scope, name, level, cause, opened, closed from breaker where id = $1
-- name: breaker_last
select closed, base_touches, base_bounces, base_complaints from breaker
where scope = $1 and name = $2 and closed is not null order by closed desc limit 1
-- name: breaker_insert
insert into breaker (id, scope, name, level, cause, opened, created, updated) values ($1, $2, $3, $4, $5, $6, $6, $6)
on conflict do nothing
-- name: breaker_raise
update breaker set level = $2, cause = $3, updated = $4 where id = $1 and closed is null
-- name: breaker_close
update breaker set closed = $2, closed_by = $3, because = $4, base_touches = $5, base_bounces = $6,
	base_complaints = $7, updated = $2
where id = $1 and closed is null
-- name: owners_of_sequence
select distinct owner_id from enrolment where sequence_id in (select id from sequence where name = $1) limit 50
-- name: owners_of_domain
select distinct owner_id from owner_address where address like $1 limit 50
-- name: pushback_put
insert into pushback (domain, mail, provider, dsn, words, since, last) values ($1, $2, $3, $4, $5, $6, $6)
on conflict (domain, mail) do update set times = pushback.times + 1,
	last = case when pushback.last > excluded.last then pushback.last else excluded.last end,
	provider = excluded.provider, dsn = excluded.dsn, words = excluded.words
-- name: pushback_forget
delete from pushback where (domain, mail) in (select domain, mail from pushback where last < $1 limit $2)
-- name: pushback_recent
select last, words, provider from pushback where domain = $1 and last >= $2 order by last desc limit $3

-- ---- drafts ----
-- name: draft_insert
insert into draft (id, enrolment_id, owner_id, prospect_id, step, account, recipient, state, made, updated)
values ($1, $2, $3, $4, $5, $6, $7, 'wanted', $8, $8) on conflict do nothing
-- name: draft_get
select id, enrolment_id, owner_id, prospect_id, step, account, folder, uidvalidity, uid, message_id,
	recipient, subject, text, refs, state, made, gone_since, seen_subject, seen_text, evidence, missing, language
from draft where id = $1
-- name: drafts_out_of_account
select id, enrolment_id, owner_id, prospect_id, step, account, folder, uidvalidity, uid, message_id,
	recipient, subject, text, refs, state, made, gone_since, seen_subject, seen_text, evidence, missing, language
from draft where account = $1 and state in ('wanted', 'placed', 'edited', 'gone') order by made
-- name: drafts_out_of_enrolment
select id, enrolment_id, owner_id, prospect_id, step, account, folder, uidvalidity, uid, message_id,
	recipient, subject, text, refs, state, made, gone_since, seen_subject, seen_text, evidence, missing, language
from draft where enrolment_id = $1 and state in ('wanted', 'placed', 'edited', 'gone', 'sending')
-- name: draft_out_of_step
select id, state from draft where enrolment_id = $1 and step = $2
	and state in ('wanted', 'placed', 'edited', 'gone', 'sending')
-- name: draft_state
update draft set state = $2, updated = $3 where id = $1
-- name: draft_save
update draft set account = $2, folder = $3, uidvalidity = $4, uid = $5, message_id = $6, recipient = $7,
	subject = $8, text = $9, refs = $10, state = $11, gone_since = $12, updated = $13
where id = $1

-- ---- suppression ----
-- $1..$12 what names the address, $13 now, $14 the person, $15 the company. What a person said holds for every
-- address of theirs; what a server said of an address (no such mailbox) for that one alone.
-- name: suppression_find
select s.subject, s.scope, s.scope_arg, s.reason, s.created, s.owner_id, s.id, s.kind
from (values ($1), ($2), ($3), ($4), ($5), ($6), ($7), ($8), ($9), ($10), ($11), ($12)) as asked
cross join suppression s
where s.subject = asked.column1 and s.lifted is null and (s.expires is null or s.expires > $13)
union all
select s.subject, s.scope, s.scope_arg, s.reason, s.created, s.owner_id, s.id, s.kind
from prospect_address x cross join suppression s
where x.prospect_id = $14 and s.subject = x.address
	and s.kind = 'address' and s.reason not in ('hard_bounce', 'invalid_recipient') and s.lifted is null
union all
select s.subject, s.scope, s.scope_arg, s.reason, s.created, s.owner_id, s.id, s.kind
from prospect_address x cross join suppression s
where x.prospect_id = $14 and s.subject = x.same
	and s.kind = 'address' and s.reason not in ('hard_bounce', 'invalid_recipient') and s.lifted is null
union all
select s.subject, s.scope, s.scope_arg, s.reason, s.created, s.owner_id, s.id, s.kind
from company_domain d cross join suppression s
where d.company_id = $15 and s.subject = d.domain and s.kind = 'domain' and s.lifted is null
-- name: suppression_insert
insert into suppression (id, kind, subject, scope, scope_arg, reason, evidence, owner_id, prospect_id,
	created, created_by, expires)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing
-- name: suppression_retire
update suppression set lifted = expires, lifted_by = 'relent', lifted_because = 'expired'
where subject = $1 and kind = $2 and lifted is null and expires <= $3
-- name: suppression_same
select id from suppression
where subject = $1 and kind = $2 and scope = $3 and coalesce(scope_arg, '') = coalesce($4, '') and reason = $5
	and lifted is null
-- name: suppression_get
select id, subject, reason, prospect_id from suppression where id = $1
-- name: suppression_lift
update suppression set lifted = $2, lifted_by = $3, lifted_because = $4, consent = $5
where id = $1 and lifted is null
-- name: suppression_bounces
select id from suppression where subject = $1 and kind = 'address' and reason = 'hard_bounce' and lifted is null

-- name: suppressions_of_company
select id, kind, subject, scope, scope_arg, reason from suppression
where lifted is null and (kind = 'company' and subject = $1
	or kind = 'domain' and subject in (select domain from company_domain where company_id = $1))
-- name: mark_event
select seq from event where id = $1
-- name: mark_since
select (select count(*) from event where entity = 'suppression' and kind = 'suppressed' and seq > $1),
	(select id from event where entity = 'suppression' and kind = 'suppressed' order by seq desc limit 1),
	(select seq from event where entity = 'suppression' and kind = 'suppressed' order by seq desc limit 1)

-- ---- who wants to be forgotten: $1 the prospect ----
-- name: suppression_rows
select id, scope, scope_arg, reason, coalesce(lifted, 0), subject from suppression
where (subject in ($1, $2) or prospect_id = $3) and kind = 'address'
-- name: suppression_hash
update suppression set kind = 'hash', subject = $2, evidence = null, consent = null, prospect_id = null where id = $1
-- name: forget_events_of
update event set payload = null where entity = 'suppression' and entity_id = $1
-- name: forget_source
delete from source where prospect_id = $1
-- name: forget_evidence
delete from evidence where prospect_id = $1
-- name: forget_signal
delete from signal where prospect_id = $1
-- name: forget_brief
delete from brief where prospect_id = $1
-- name: forget_note
delete from note where prospect_id = $1
-- name: forget_proposal
delete from proposal where prospect_id = $1
-- name: forget_appointment
delete from appointment where prospect_id = $1
-- name: forget_message_ref
delete from message_ref where prospect_id = $1
-- name: forget_hold
delete from hold where enrolment_id in (select id from enrolment where prospect_id = $1)
-- name: forget_draft
update draft set recipient = null, subject = null, text = null, refs = null, seen_subject = null, seen_text = null,
	evidence = null
where prospect_id = $1 and not exists (select 1 from outbox o where o.draft_id = draft.id
	and o.kind = 'draft_remove' and o.state in ('waiting', 'taken'))
-- name: forget_left
select count(*) from draft where prospect_id = $1 and text is not null
-- name: forget_touch
update touch set recipient = 'forgotten', message_id = null, fingerprint = null, refs = null, subject = null,
	final_text = null, drafted_text = null, evidence_ids = null, cta = null, provider_result = null, outcome = null,
	next_action = null, domain = null
where prospect_id = $1
-- name: forget_outbox
update outbox set payload = '{}', last_error = null, state = case when state in ('waiting', 'taken') then 'cancelled' else state end
where kind <> 'draft_remove' and enrolment_id in (select id from enrolment where prospect_id = $1)
-- name: forget_enrolment
update enrolment set pause_words = null, review_note = null, thread_subject = null where prospect_id = $1
-- name: forget_address
delete from prospect_address where prospect_id = $1
-- name: forget_suppression
update suppression set evidence = null, consent = null, lifted_because = null, prospect_id = null where prospect_id = $1
-- name: forget_prospect
update prospect set name = null, first_name = null, last_name = null, role = null, phone = null, profile = null,
	location = null, crm_record = null, previous_contact = null, identity_confidence = null, relationship = null,
	qualification = null, score = null, score_reasons = null, signal = null, workflow = null, asset = null,
	mini_case = null, question = null, stage_reason = null, next_action = null, next_action_at = null,
	opportunity_value = null, outcome = null, company_id = null, client = null, fit = null, intent = null, deals = null,
	preferred_channel = null, urgency = null
where id = $1
-- $1 one of their addresses
-- name: forget_refusal
update refusal set recipient = null, text = null, fact = null, message_id = null where recipient = $1
-- name: forget_sent_to
update touch set recipient = 'forgotten', message_id = null, fingerprint = null, refs = null, subject = null,
	final_text = null, drafted_text = null, provider_result = null, domain = null
where recipient = $1

-- ---- tasks, outbox ----
-- name: task_insert
insert into task (id, owner_id, prospect_id, enrolment_id, kind, text, step, channel, created, updated)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
-- name: outbox_insert
insert into outbox (id, kind, key, owner_id, account, enrolment_id, draft_id, payload, not_before, created,
	state)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (key) do nothing
-- name: outbox_any
-- The watcher $2 (null: whoever) leaves alone what another one is at while that one lives ($3 is the database's
-- time), and what is about a mailbox that another one has. Along outbox_waiting: what waits for its time is not looked
-- at, however much it is; what is taken comes first there (not_before 0).
select 1 from outbox o
	where state in ('waiting', 'taken') and not_before <= $1
		and (state = 'waiting' or taken_until < $1 and (taken_by is null or cast($2 as text) is null or taken_by = $2)
		or taken_by <> $2 and not exists
			(select 1 from lease w where w.name = 'watcher:' || o.taken_by and w.expires > $3))
		and (cast($2 as text) is null or kind not in ('draft_put', 'draft_remove', 'sent_copy', 'notify', 'mail')
			or kind in ('notify', 'mail') and attempts = 0
		or not (account is not null and exists
				(select 1 from lease l where l.name = 'account:' || o.account and l.holder <> $2)
			or account is null and exists (select 1 from account c join lease l on l.name = 'account:' || c.name
				where c.owner_id = o.owner_id and l.holder <> $2)
				and not exists (select 1 from account c join lease l on l.name = 'account:' || c.name
				where c.owner_id = o.owner_id and l.holder = $2)))
limit 1
-- name: outbox_any_work
-- The same without notes to reps, of which thousands may wait for a service that is away: along outbox_work.
select 1 from outbox o
	where state in ('waiting', 'taken') and kind not in ('notify', 'mail') and not_before <= $1
		and (state = 'waiting' or taken_until < $1 and (taken_by is null or cast($2 as text) is null or taken_by = $2)
		or taken_by <> $2 and not exists
			(select 1 from lease w where w.name = 'watcher:' || o.taken_by and w.expires > $3))
		and (cast($2 as text) is null or kind not in ('draft_put', 'draft_remove', 'sent_copy')
		or not (account is not null and exists
				(select 1 from lease l where l.name = 'account:' || o.account and l.holder <> $2)
			or account is null and exists (select 1 from account c join lease l on l.name = 'account:' || c.name
				where c.owner_id = o.owner_id and l.holder <> $2)
				and not exists (select 1 from account c join lease l on l.name = 'account:' || c.name
				where c.owner_id = o.owner_id and l.holder = $2)))
limit 1
-- name: outbox_take
update outbox set state = 'taken', attempts = attempts + 1, epoch = epoch + 1, taken_until = $4, taken_by = $5, not_before = 0
where id in (select id from outbox o
	where state in ('waiting', 'taken') and not_before <= $1
		and (state = 'waiting' or taken_until < $1 and (taken_by is null or cast($5 as text) is null or taken_by = $5)
		or taken_by <> $5 and not exists
			(select 1 from lease w where w.name = 'watcher:' || o.taken_by and w.expires > $6))
		and (kind = $2 or cast($2 as text) is null)
		and (cast($5 as text) is null or kind not in ('draft_put', 'draft_remove', 'sent_copy', 'notify', 'mail')
			or kind in ('notify', 'mail') and attempts = 0
		or not (account is not null and exists
				(select 1 from lease l where l.name = 'account:' || o.account and l.holder <> $5)
			or account is null and exists (select 1 from account c join lease l on l.name = 'account:' || c.name
				where c.owner_id = o.owner_id and l.holder <> $5)
				and not exists (select 1 from account c join lease l on l.name = 'account:' || c.name
				where c.owner_id = o.owner_id and l.holder = $5)))
	order by not_before, id limit $3)
returning id, kind, key, owner_id, account, enrolment_id, draft_id, payload, attempts, created, epoch
-- name: outbox_take_work
update outbox set state = 'taken', attempts = attempts + 1, epoch = epoch + 1, taken_until = $4, taken_by = $5, not_before = 0
where id in (select id from outbox o
	where state in ('waiting', 'taken') and kind not in ('notify', 'mail') and not_before <= $1
		and (state = 'waiting' or taken_until < $1 and (taken_by is null or cast($5 as text) is null or taken_by = $5)
		or taken_by <> $5 and not exists
			(select 1 from lease w where w.name = 'watcher:' || o.taken_by and w.expires > $6))
		and (kind = $2 or cast($2 as text) is null)
		and (cast($5 as text) is null or kind not in ('draft_put', 'draft_remove', 'sent_copy')
		or not (account is not null and exists
				(select 1 from lease l where l.name = 'account:' || o.account and l.holder <> $5)
			or account is null and exists (select 1 from account c join lease l on l.name = 'account:' || c.name
				where c.owner_id = o.owner_id and l.holder <> $5)
				and not exists (select 1 from account c join lease l on l.name = 'account:' || c.name
				where c.owner_id = o.owner_id and l.holder = $5)))
	order by not_before, id limit $3)
returning id, kind, key, owner_id, account, enrolment_id, draft_id, payload, attempts, created, epoch
-- name: outbox_release
update outbox set state = 'waiting', not_before = $2, taken_until = null, taken_by = null
where state in ('waiting', 'taken') and state = 'taken' and (cast($1 as text) is null or id = $1)
	and (cast($1 as text) is not null or cast($3 as text) is null or taken_by is null or taken_by = $3)
-- name: outbox_elsewhere
update outbox set state = 'waiting', not_before = $2, taken_until = null, taken_by = null, attempts = attempts - 1
where id = $1 and state = 'taken'
-- name: outbox_done
update outbox set state = 'done', done = $2, taken_until = null, taken_by = null, last_error = null
where id = $1 and state <> 'cancelled'
-- name: outbox_get
select attempts, kind, enrolment_id from outbox where id = $1
-- name: outbox_failed
update outbox set state = $2, not_before = $3, last_error = $4, taken_until = null, taken_by = null
where id = $1 and state in ('waiting', 'taken')
-- name: outbox_cancel_sends
update outbox set state = 'cancelled', done = $2
where enrolment_id = $1 and kind = 'send' and state in ('waiting', 'taken')
	and not exists (select 1 from send s where s.id = outbox.id and s.state <> 'prepared')
-- name: outbox_cancel_removal
update outbox set state = 'cancelled', done = $2
where draft_id = $1 and kind = 'draft_remove' and state = 'waiting'
-- name: outbox_cancel_draft
update outbox set state = 'cancelled', done = $2
where draft_id = $1 and kind = 'draft_put' and state = 'waiting'

-- ---- events ----
-- name: event_insert
insert into event (id, at, host, program, actor, kind, entity, entity_id, enrolment_id, prospect_id,
	payload, payload_hash)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)

-- ---- the hand-off note ----
-- name: handoff_sources
select kind, url, captured, permission, permitted_use, jurisdiction from source
where prospect_id = $1 order by created
-- name: handoff_evidence
select point, source, source_date, type, safe from evidence
where prospect_id = $1 and type in ('verified_fact', 'public_observation') order by created
-- name: handoff_signals
select what, source, date, relevance from signal
where prospect_id = $1 and retracted is null order by date desc
-- name: handoff_touches
select step, kind, at, subject, message_type, sent_state, final_text, edit_ratio, evidence_ids from touch
where enrolment_id = $1 and sent_state <> 'taken_back' order by at, id
-- name: handoff_replies
select received, sender, subject, kind, class from reply where prospect_id = $1 order by received
-- name: handoff_reply
select id, received, sender, subject, kind, subkind, class, confidence, date, addresses, visible, language,
	matched_by, grade, account, folder, uid, message_id, evidence from reply where id = $1
-- name: handoff_appointments
select starts, ends, zone, state, evidence from appointment where prospect_id = $1 order by created
-- name: handoff_tasks
select kind, text, due from task where enrolment_id = $1 and done is null order by created
-- name: handoff_suppressions
select subject, scope, reason, created from suppression
where prospect_id = $1 and lifted is null order by created

-- ---- the inbound side ----
-- name: position_get
select uidvalidity, uid, modseq from position where account = $1 and folder = $2
-- name: position_put
insert into position (account, folder, uidvalidity, uid, modseq, updated) values ($1, $2, $3, $4, $5, $6)
on conflict (account, folder) do update set uidvalidity = excluded.uidvalidity, uid = excluded.uid,
	modseq = excluded.modseq, updated = excluded.updated
-- name: account_put
insert into account (name, owner_id, state, last_ok, last_error, failing_since, updated)
values ($1, $2, coalesce($3, 'idle'), case when cast($5 as text) is null then cast($4 as bigint) end, $5,
	case when cast($5 as text) is null then null else cast($4 as bigint) end, $4)
on conflict (name) do update set owner_id = coalesce(excluded.owner_id, account.owner_id),
	state = coalesce(cast($3 as text), account.state), last_ok = coalesce(excluded.last_ok, account.last_ok),
	last_error = excluded.last_error,
	failing_since = case when excluded.last_error is null then null
		else coalesce(account.failing_since, excluded.failing_since) end,
	reported = case when excluded.last_error is null then null else account.reported end,
	updated = excluded.updated
-- name: hold_insert
insert into hold (enrolment_id, mail_key, since, cleared) values ($1, $2, $3, $4)
on conflict (enrolment_id, mail_key) do nothing
-- name: hold_get
select coalesce(cleared, 0) from hold where enrolment_id = $1 and mail_key = $2
-- name: hold_clear
update hold set cleared = $3 where enrolment_id = $1 and mail_key = $2 and cleared is null
-- name: reply_of_mail
select id from reply where mail_key = $1 and enrolment_id = $2
-- name: reply_insert
insert into reply (id, enrolment_id, prospect_id, owner_id, touch_id, mail_key, message_id, sender, subject,
	received, account, folder, uid, kind, subkind, class, confidence, stop, suppress, evidence, date,
	addresses, recipients, visible, language, matched_by, grade, authenticated, colleague, event, created)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
	$23, $24, $25, $26, $27, $28, $29, $30, $31)
on conflict do nothing
-- name: touch_outcome
select recipient, sent_state from touch where id = $1
-- name: touch_replied
update touch set reply_status = $2, updated = $3 where id = $1
-- name: review_insert
insert into review (id, enrolment_id, prospect_id, owner_id, reply_id, draft_id, kind, reason, created)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
-- name: match_known
select 1 where exists (select 1 from message_ref
		where message_id in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10))
	or exists (select 1 from prospect_address where address = $11)
	or exists (select 1 from prospect_address where same = $12)
-- name: match_touch
select t.id, t.enrolment_id, t.prospect_id, t.owner_id, t.recipient, t.final_text, t.at, e.state
from touch t left join enrolment e on e.id = t.enrolment_id where t.id = $1
-- name: match_draft
select t.id, e.id, e.prospect_id, e.owner_id, coalesce(t.recipient, d.recipient), t.final_text,
	coalesce(t.at, d.made), e.state
from draft d join enrolment e on e.id = d.enrolment_id
left join touch t on t.enrolment_id = d.enrolment_id and t.draft_id = d.id
where d.id = $1
-- name: match_last_touch
select t.id, t.enrolment_id, t.prospect_id, t.owner_id, t.recipient, t.final_text, t.at, e.state
from touch t join enrolment e on e.id = t.enrolment_id
where t.enrolment_id = $1 and t.sent_state <> 'taken_back' order by t.at desc, t.id desc limit 1
-- name: touch_by_envelope
select id from touch where envelope_id = $1
-- (who is to be written to, and writes first, is held as well: since the enrolment)
-- name: match_address
select e.id, e.prospect_id, e.owner_id, e.state, t.id, t.recipient, t.final_text, t.at,
	coalesce((select min(f.at) from touch f where f.enrolment_id = e.id),
		case when e.state not in ('closed', 'suppressed', 'failed') then e.started end), e.thread_subject
from prospect_address x join enrolment e on e.prospect_id = x.prospect_id
left join touch t on t.id = (select l.id from touch l where l.enrolment_id = e.id
	and l.sent_state <> 'taken_back' and l.channel = 'email' order by l.at desc, l.id desc limit 1)
where x.address = $1 and (e.owner_id = $2 or cast($2 as text) is null)
order by e.created desc limit 16
-- name: match_address_manual
select null, t.prospect_id, t.owner_id, null, t.id, t.recipient, t.final_text, t.at, t.at, t.subject
from prospect_address x join touch t on t.prospect_id = x.prospect_id
where x.address = $1 and (t.owner_id = $2 or cast($2 as text) is null) and t.sent_state <> 'taken_back'
order by t.at desc limit 1
-- name: match_domain
-- By the company's domain, never by the owner, who wrote to thousands; texts are read of those few that are looked at.
select e.id, e.prospect_id, e.owner_id, e.state, t.id, t.recipient, t.final_text, t.at,
	(select min(f.at) from touch f where f.enrolment_id = e.id), e.thread_subject
from (select c.id from prospect_address x cross join enrolment c
		where x.domain = $1 and c.prospect_id = x.prospect_id and c.owner_id = $2
		order by c.last_touch desc limit $3) latest
	cross join enrolment e cross join touch t
where e.id = latest.id and t.id = (select l.id from touch l where l.enrolment_id = e.id
	and l.sent_state <> 'taken_back' and l.channel = 'email' order by l.at desc, l.id desc limit 1)
order by t.at desc

-- ---- evidence of the MTA's log ----
-- name: evidence_touch
select id, enrolment_id, prospect_id, recipient, message_id, sent_state, step, kind, reply_status, host, at,
	left_queue, owner_id from touch
where queue_id = $1 and at >= $2 order by at desc, id desc limit 8
-- name: evidence_touch_message
select t.id, t.enrolment_id, t.prospect_id, t.recipient, t.message_id, t.sent_state, t.step, t.kind, t.reply_status,
	t.host, t.at, t.left_queue, t.owner_id
from message_ref m join touch t on t.id = m.ref_id
where m.message_id = $1 and m.kind = 'touch' and t.message_id = $1 and t.queue_id is null
	and t.sent_state <> 'taken_back' and t.at >= $2
order by t.at desc, t.id desc limit 8
-- name: evidence_touch_id
select id, enrolment_id, prospect_id, recipient, message_id, sent_state, step, kind, reply_status, host, at,
	left_queue, owner_id from touch where id = $1
-- name: touch_replaced
select 1 from touch t join touch x on x.owner_id = t.owner_id and x.recipient = t.recipient and x.id <> t.id
	and x.sent_state <> 'taken_back' and x.at >= t.at
where t.id = $1 and (x.message_id = t.message_id or x.step = t.step and x.enrolment_id = t.enrolment_id) limit 1
-- name: mta_mail_put
insert into mta_mail (host, queue_id, message_id, first_seen) values (coalesce($1, ''), $2, $3, $4)
on conflict (host, queue_id) do update set message_id = excluded.message_id, first_seen = excluded.first_seen
-- name: mta_mail_recent
select host, queue_id, message_id from mta_mail where first_seen >= $1 order by first_seen desc limit $2
-- name: mta_mail_forget
delete from mta_mail where (host, queue_id) in
	(select host, queue_id from mta_mail where first_seen < $1 order by first_seen limit $2)
-- name: touch_moved
update touch set queue_id = $2, host = coalesce($3, host), left_queue = null, updated = $4 where id = $1
-- name: touch_left_queue
update touch set left_queue = $2, updated = $3 where id = $1 and left_queue is null
-- name: touch_sent
update touch set sent_state = $2, provider_result = coalesce($3, provider_result),
	queued_at = coalesce(queued_at, $4), delivered_at = coalesce($5, delivered_at),
	queue_id = coalesce(queue_id, $6), host = coalesce($7, host), updated = $8
where id = $1
-- name: log_source_put
insert into log_source (host, source, position, heard, line, updated)
values ($1, $2, $3, $4, case when $5 = 1 then cast($4 as bigint) end, $4)
on conflict (host, source) do update set position = coalesce(excluded.position, log_source.position),
	heard = excluded.heard, line = coalesce(excluded.line, log_source.line), updated = excluded.updated
-- name: log_source_forget
delete from log_source where heard < $1
-- name: log_source_get
select position from log_source where host = $1 and source = $2
-- name: log_source_heard
select heard from log_source where heard >= $1 limit 1
-- name: touches_unsettled
select id, enrolment_id, prospect_id, recipient, message_id, sent_state, step, kind, reply_status from touch
where sent_state = 'accepted' and at < $1 order by at limit $2

-- ---- the milter ----
-- name: milter_owners
select o.login, null as address from owner o where o.active = 1
union all
select o.login, x.address from owner_address x join owner o on o.id = x.owner_id where o.active = 1
-- name: milter_sequences
select distinct name from sequence where retired is null order by name
-- name: milter_live_enrolment
select id from enrolment where prospect_id = $1 and owner_id = $2
	and state not in ('closed', 'suppressed', 'failed')
order by updated desc limit 1
-- name: milter_person_of
select r.prospect_id, (select x.address from prospect_address x where x.prospect_id = r.prospect_id
	order by case kind when 'primary' then 0 else 1 end, x.address limit 1) as address
from message_ref r where r.message_id = $1 and r.owner_id = $2 and r.prospect_id is not null
order by r.at desc
-- ---- chain and verify ----
-- name: seal_last
select seq, hash from seal where cast($1 as text) is null and seq = (select max(seq) from seal)
-- name: events_after
select seq, id, at, host, program, actor, kind, entity, entity_id, enrolment_id, prospect_id, payload_hash
from event where seq > $1 order by seq limit $2
-- name: seal_insert
insert into seal (seq, hash) values ($1, $2)
-- name: verify_events
select v.seq, v.id, v.at, v.host, v.program, v.actor, v.kind, v.entity, v.entity_id, v.enrolment_id,
	v.prospect_id, v.payload_hash, v.payload, s.hash
from event v left join seal s on s.seq = v.seq where v.seq > $1 order by v.seq limit $2
-- name: verify_orphan_seals
select s.seq from seal s where s.seq > $1 and s.seq <= $2 and not exists (select 1 from event v where v.seq = s.seq)
order by s.seq limit 1000
-- name: verify_seal
select hash from seal where seq = $1
-- name: verify_enrolments
select distinct enrolment_id from event where enrolment_id > $1 order by enrolment_id limit $2
-- What moved since $1, each once: with its last event.
-- name: verify_moved
select v.enrolment_id, v.seq from event v
where v.seq > $1 and v.entity = 'enrolment' and not exists (select 1 from event l
	where l.enrolment_id = v.enrolment_id and l.entity = 'enrolment' and l.seq > v.seq)
order by v.seq limit $2
-- name: verify_steps
select enrolment_id, seq, at, kind, payload from event where enrolment_id = $1 and entity = 'enrolment' order by seq
-- name: verify_without_events
select e.id, case when exists (select 1 from event v where v.enrolment_id = e.id and v.entity = 'enrolment') then 1 else 0 end
from enrolment e where e.id > $1 order by e.id limit $2
-- name: verify_touches
select seq, at, entity_id, payload from event
where entity = 'touch' and kind = 'accepted' and seq > $1 order by seq limit $2
-- name: verify_covering
select s.id, s.scope, s.scope_arg, s.expires, s.lifted, v.seq,
	(select l.seq from event l where l.entity = 'suppression' and l.entity_id = s.id and l.kind = 'lifted'),
	s.reason, s.subject
from suppression s join event v on v.entity = 'suppression' and v.entity_id = s.id and v.kind = 'suppressed'
where s.subject in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) and v.seq < $13
-- Further names of a person and a company, as far as they were known before $3.
-- name: audit_names
select x.address from prospect_address x where x.prospect_id = $1 and x.added < $3
union select x.same from prospect_address x where x.prospect_id = $1 and x.added < $3 and x.same is not null
union select d.domain from company_domain d where d.company_id = $2 and d.added < $3
-- name: verify_lost_suppressions
select v.seq, v.entity_id, case when exists (select 1 from suppression s where s.id = v.entity_id) then 1 else 0 end
from event v where v.entity = 'suppression' and v.kind = 'suppressed' and v.seq > $1 order by v.seq limit $2
-- ---- second opinions ----
-- name: opinion_count
select count(*) from opinion where asked >= $1
-- name: opinion_next
select o.id, w.id, w.reply_id, r.subject, r.visible
from review w
join reply r on r.id = w.reply_id
left join opinion o on o.review_id = w.id
where w.decided is null and w.kind = 'unknown' and coalesce(r.visible, '') <> ''
	and (o.id is null or (o.answered is null and o.times < 3 and o.asked < $1))
order by w.created limit 1
-- name: opinion_insert
insert into opinion (id, review_id, reply_id, model, asked) values ($1, $2, $3, $4, $5)
-- name: opinion_again
update opinion set asked = $2, times = times + 1 where id = $1
-- name: opinion_failed
update opinion set error = $2 where id = $1
-- name: opinion_answered
update opinion set class = $2, summary = $3, answered = $4, error = null where id = $1
-- name: opinion_about
select o.review_id, o.model, r.authenticated > 0 or r.grade in ('strong', 'proof'), r.colleague
from opinion o join reply r on r.id = o.reply_id where o.id = $1
