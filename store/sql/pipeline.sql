-- Statements about proposals, stages, next actions, escalation, absence, reactivation.

-- name: pipeline_owner
select o.id, o.login, o.name, o.zone, o.manager, o.active, o.away_from, o.away_until, o.hand_over_to, o.away_source
from owner o
where o.id = (select x.id from owner x where x.id = $1 or x.login = $1
	union all select x.owner_id from owner_address x where x.address = $2 limit 1)

-- ---- where a person stands ----
-- name: pipeline_person
select p.stage, p.priority, p.created, coalesce(p.stage_since, p.created) as since, p.merged_into, o.login, p.owner_id,
	exists (select 1 from evidence v where v.prospect_id = p.id)
		or exists (select 1 from signal g where g.prospect_id = p.id)
		or exists (select 1 from brief b where b.prospect_id = p.id) as researched,
	p.identity_status in ('verified', 'probable')
		and exists (select 1 from source s where s.prospect_id = p.id and s.permission <> 'none')
		and exists (select 1 from evidence v where v.prospect_id = p.id and v.safe = 1
			and v.type in ('verified_fact', 'public_observation')) as ready,
	exists (select 1 from source s where s.prospect_id = p.id and s.kind in ('inbound_form', 'inbound_mail')) as inbound,
	(select max(t.at) from touch t where t.prospect_id = p.id and t.sent_state <> 'taken_back') as last_sent,
	(select max(r.received) from reply r where r.prospect_id = p.id and r.kind = 'human') as last_heard,
	p.next_action, p.next_action_at, p.reactivated,
	(select e.id from enrolment e where e.prospect_id = p.id
		order by case when e.state in ('not_started','researching','drafting','awaiting_approval','ready_to_send',
			'sent','waiting','follow_up_due','appointment_proposed','parked') then 0
			when e.state in ('closed','suppressed') then 2 else 1 end, e.updated desc, e.id desc limit 1) as enrolment,
	(select x.address from prospect_address x where x.prospect_id = p.id
		order by case x.kind when 'primary' then 0 else 1 end, x.address limit 1) as address,
	(select max(t.created) from task t where t.prospect_id = p.id and t.kind = 'decide_next' and t.done is null) as asking,
	(select max(t.done) from task t where t.prospect_id = p.id and t.kind = 'decide_next') as asked,
	p.name
from prospect p left join owner o on o.id = p.owner_id where p.id = $1
-- name: pipeline_review
select w.kind, w.reason, w.created from review w
where w.prospect_id = $1 and w.decided is null
	and not exists (select 1 from enrolment e where e.id = w.enrolment_id and e.state = 'human_review'
		and e.reason = 'conversation')
order by w.created limit 1
-- name: pipeline_task
select t.text, coalesce(t.due, t.created) as due, o.login from task t left join owner o on o.id = t.owner_id
where t.prospect_id = $1 and t.done is null order by coalesce(t.due, t.created) limit 1
-- name: pipeline_appointment
select starts, state from appointment where prospect_id = $1 and state in ('proposed', 'booked')
order by coalesce(starts, 0) desc limit 1
-- name: pipeline_note
select kind, text, coalesce(date, 0) as date from note
where prospect_id = $1 and done is null and kind in ('promise', 'gate') order by date
-- name: pipeline_draft
select made, state from draft where enrolment_id = $1 and state in ('wanted', 'placed', 'edited', 'gone') limit 1
-- name: pipeline_changed
select updated from enrolment where id = $1
-- name: pipeline_answered_since
select 1 from reply where prospect_id = $1 and kind = 'human' and received > $2 limit 1
-- People whom nothing seems to happen to: a page of them, by id.
-- name: pipeline_page
select p.id from prospect p where p.id > $1 order by p.id limit $2
-- name: pipeline_suspects
select p.id from prospect p
left join enrolment e on e.id = (select x.id from enrolment x where x.prospect_id = p.id
	order by case when x.state in ('closed','suppressed') then 2 when x.state in ('failed','human_review',
		'reply_received','booked') then 1 else 0 end, x.updated desc limit 1)
where p.id > $1 and p.id <= $2 and p.owner_id is not null and p.merged_into is null
	and p.stage not in ('won','lost') and p.priority <> 'rejected'
	and (p.stage <> 'dormant' or e.state not in ('closed','suppressed'))
	and (e.id is not null or p.stage <> 'new')
	and (e.id is null or e.due = 0)
	and not exists (select 1 from task t where t.prospect_id = p.id and t.done is null)
order by p.id

-- ---- putting off, handing over ----
-- name: pipeline_gate
select max(date) from note where prospect_id = $1 and kind = 'gate' and done is null and date > $2
-- name: pipeline_due_between
select count(*) from enrolment where owner_id = $1 and due >= $2 and due < $3
	and state in ('not_started','researching','drafting','sent','waiting','follow_up_due','parked')
-- name: pipeline_live_of_prospect
select e.id, e.state, e.owner_id from enrolment e where e.prospect_id = $1
	and e.state not in ('closed', 'suppressed')
-- name: pipeline_enrolment_owner
update enrolment set owner_id = $2, updated = $3 where id = $1
-- name: pipeline_task_owner
update task set owner_id = $3, updated = $4 where prospect_id = $1 and (owner_id = $2 or owner_id is null) and done is null
-- name: pipeline_review_owner
update review set owner_id = $3 where prospect_id = $1 and owner_id = $2 and decided is null
-- name: pipeline_handover_add
insert into handover (enrolment_id, at, from_owner, to_owner, until) values ($1, $2, $3, $4, $5)
on conflict (enrolment_id, at) do nothing
-- name: pipeline_handover_over
select h.enrolment_id, h.at, h.from_owner, h.to_owner, e.prospect_id, e.state,
	exists (select 1 from touch t where t.enrolment_id = h.enrolment_id and t.at >= h.at and t.owner_id = h.to_owner
		and t.sent_state <> 'taken_back') as wrote
from handover h join enrolment e on e.id = h.enrolment_id join owner o on o.id = h.from_owner
where h.ended is null and h.until <= $1 and (o.away_from is null or o.away_until is not null and o.away_until <= $1)
limit 100
-- name: pipeline_handover_end
update handover set ended = $3, outcome = $4 where enrolment_id = $1 and at = $2

-- ---- the clock ----
-- name: pipeline_proposals_over
select id, prospect_id, owner_id from proposal
where expires is not null and expires <= $1 and state not in ('accepted', 'rejected', 'expired') order by expires limit 50
-- name: pipeline_dormant
select p.id, p.owner_id, coalesce(p.stage_since, p.created) as since, x.name, x.address
from prospect p join (select q.id as pid, q.name as name, (select d.address from prospect_address d where d.prospect_id = q.id
	order by case d.kind when 'primary' then 0 else 1 end, d.address limit 1) as address from prospect q) x on x.pid = p.id
where p.stage = 'dormant' and p.stage_since is not null and p.stage_since <= $1 and p.owner_id is not null
	and p.merged_into is null and p.priority in ('one', 'two', 'three')
	and (p.reactivated is null or p.reactivated < $2 and exists (select 1 from reply r where r.prospect_id = p.id
		and r.kind = 'human' and r.received > p.reactivated))
order by p.stage_since limit $3
-- name: pipeline_reactivated
update prospect set reactivated = $2 where id = $1
-- name: pipeline_reactivated_since
select count(*) from event where at >= $1 and kind = 'reactivation' and entity = 'prospect'
	and exists (select 1 from prospect p where p.id = event.entity_id and p.owner_id = $2)
-- Why it ended, the last words of both, and what is new since.
-- name: pipeline_past
select (select e.reason from enrolment e where e.prospect_id = $1 and e.state = 'closed' order by e.updated desc limit 1) as reason,
	(select max(t.at) from touch t where t.prospect_id = $1 and t.sent_state <> 'taken_back') as last_sent,
	(select t.subject from touch t where t.prospect_id = $1 and t.sent_state <> 'taken_back' order by t.at desc limit 1) as subject,
	(select r.visible from reply r where r.prospect_id = $1 and r.kind = 'human' order by r.received desc limit 1) as words,
	(select max(r.received) from reply r where r.prospect_id = $1 and r.kind = 'human') as last_heard,
	(select coalesce(r.reviewed_class, r.class) from reply r where r.prospect_id = $1 and r.kind = 'human'
		order by r.received desc limit 1) as class
-- name: pipeline_new_signal
select what, date from signal where prospect_id = $1 and date > $2 and retracted is null and substr(what, 1, 13) <> 'proposal_view'
	and coalesce(kind, '') <> 'proposal_view'
	and (expires is null or expires > $3) order by date desc limit 1
-- name: pipeline_new_evidence
select point, coalesce(source_date, created) as date from evidence
where prospect_id = $1 and safe = 1 and type in ('verified_fact', 'public_observation')
	and coalesce(source_date, created) > $2 order by coalesce(source_date, created) desc limit 1
-- name: pipeline_unanswered
select w.id as subject, w.created as since, w.reason as what, w.owner_id, w.prospect_id, w.enrolment_id
from owner o join review w on w.owner_id = o.id and w.decided is null and w.created <= $1 and w.created > $2
where o.active = 1 and not exists (select 1 from enrolment e where e.id = w.enrolment_id
		and e.state in ('reply_received', 'closed', 'suppressed'))
	and not exists (select 1 from enrolment e where e.id = w.enrolment_id and e.state = 'human_review'
		and e.reason = 'conversation')
	and not exists (select 1 from escalation x where x.subject = w.id and x.level = 2)
union all
select e.id || ':' || e.version as subject, e.updated as since, e.reason as what, e.owner_id, e.prospect_id, e.id
from owner o join enrolment e on e.owner_id = o.id and e.state = 'reply_received' and e.updated <= $1 and e.updated > $2
where o.active = 1
	and not exists (select 1 from escalation x where x.subject = e.id || ':' || e.version and x.level = 2)
limit 500
-- name: pipeline_escalated
select level from escalation where subject = $1 and level = $2
-- name: pipeline_escalate
insert into escalation (subject, level, at, told, prospect_id) values ($1, $2, $3, $4, $5)
on conflict (subject, level) do nothing
-- name: pipeline_overdue
select e.id, e.prospect_id, e.owner_id, e.step, e.last_touch, e.state, p.name,
	(select x.address from prospect_address x where x.prospect_id = e.prospect_id
	 order by case x.kind when 'primary' then 0 else 1 end, x.address limit 1) as address
from owner o join enrolment e on e.owner_id = o.id and e.state in ('follow_up_due', 'awaiting_approval', 'drafting')
	and e.last_touch > 0 and e.last_touch <= $1
join prospect p on p.id = e.prospect_id
where not exists (select 1 from escalation x where x.subject = 'gap:' || e.id || ':' || e.step and x.level = 1)
limit 200

-- ---- proposals ----
-- name: pipeline_proposal_keep
insert into proposal_version (proposal_id, version, state, date, expires, content, at, by_whom)
select id, version, state, date, expires, content, $2, $3 from proposal where id = $1
on conflict (proposal_id, version) do nothing

-- ---- relentctl ----
-- name: ctl_pipeline_people
select p.id, (select a.address from prospect_address a where a.prospect_id = p.id
		order by case a.kind when 'primary' then 0 else 1 end, a.address limit 1) as email, p.name, o.login as owner
from prospect p left join owner o on o.id = p.owner_id
where p.merged_into is null and (cast($1 as text) is null or o.login = $1)
	and (cast($2 as text) is null or p.id > $2)
order by p.id limit $3
-- name: ctl_proposal_versions
select version, state, date as date__t, expires as expires__t, at as until__t, by_whom, content as content__j
from proposal_version where proposal_id = $1 order by version
-- Who owes the next word in threads that are still open, and for how long nobody wrote.
-- name: ctl_quiet_threads
select x.email, x.name, x.owner, x.stage,
	case when coalesce(x.heard, 0) >= coalesce(x.sent, 0) then 'we' else 'they' end as owes,
	case when coalesce(x.heard, 0) >= coalesce(x.sent, 0) then x.heard else x.sent end as last_word__t,
	($1 - case when coalesce(x.heard, 0) >= coalesce(x.sent, 0) then x.heard else x.sent end) / 86400 as days,
	q.name as sequence, e.step, e.state, e.due as due__t
from (select p.id, p.name, o.login as owner, p.stage,
		(select a.address from prospect_address a where a.prospect_id = p.id
			order by case a.kind when 'primary' then 0 else 1 end, a.address limit 1) as email,
		(select max(t.at) from touch t where t.prospect_id = p.id and t.sent_state <> 'taken_back') as sent,
		(select max(r.received) from reply r where r.prospect_id = p.id and r.kind = 'human') as heard,
		(select e.id from enrolment e where e.prospect_id = p.id order by case when e.state in ('closed', 'suppressed')
			then 1 else 0 end, e.updated desc limit 1) as enrolment
	from prospect p left join owner o on o.id = p.owner_id
	where p.merged_into is null and p.stage not in ('won', 'lost', 'dormant') and p.priority <> 'rejected') x
left join enrolment e on e.id = x.enrolment
left join sequence q on q.id = e.sequence_id
where (x.sent is not null or x.heard is not null)
	and (case when coalesce(x.heard, 0) >= coalesce(x.sent, 0) then x.heard else x.sent end) <= $1 - $2 * 86400
	and (e.id is null or e.state not in ('suppressed', 'parked', 'booked'))
	and (e.id is null or e.state <> 'closed' or coalesce(e.reason, '') not in ('not_a_fit', 'proposal_rejected', 'disqualified'))
order by case when coalesce(x.heard, 0) >= coalesce(x.sent, 0) then 0 else 1 end, 6, 1
limit $3
-- The same of one owner: their people, not everybody.
-- name: ctl_quiet_of_owner
select x.email, x.name, x.owner, x.stage,
	case when coalesce(x.heard, 0) >= coalesce(x.sent, 0) then 'we' else 'they' end as owes,
	case when coalesce(x.heard, 0) >= coalesce(x.sent, 0) then x.heard else x.sent end as last_word__t,
	($1 - case when coalesce(x.heard, 0) >= coalesce(x.sent, 0) then x.heard else x.sent end) / 86400 as days,
	q.name as sequence, e.step, e.state, e.due as due__t
from (select p.id, p.name, o.login as owner, p.stage,
		(select a.address from prospect_address a where a.prospect_id = p.id
			order by case a.kind when 'primary' then 0 else 1 end, a.address limit 1) as email,
		(select max(t.at) from touch t where t.prospect_id = p.id and t.sent_state <> 'taken_back') as sent,
		(select max(r.received) from reply r where r.prospect_id = p.id and r.kind = 'human') as heard,
		(select e.id from enrolment e where e.prospect_id = p.id order by case when e.state in ('closed', 'suppressed')
			then 1 else 0 end, e.updated desc limit 1) as enrolment
	from owner o cross join prospect p
	where o.login = $4 and p.owner_id = o.id
		and p.merged_into is null and p.stage not in ('won', 'lost', 'dormant') and p.priority <> 'rejected') x
left join enrolment e on e.id = x.enrolment
left join sequence q on q.id = e.sequence_id
where (x.sent is not null or x.heard is not null)
	and (case when coalesce(x.heard, 0) >= coalesce(x.sent, 0) then x.heard else x.sent end) <= $1 - $2 * 86400
	and (e.id is null or e.state not in ('suppressed', 'parked', 'booked'))
	and (e.id is null or e.state <> 'closed' or coalesce(e.reason, '') not in ('not_a_fit', 'proposal_rejected', 'disqualified'))
order by case when coalesce(x.heard, 0) >= coalesce(x.sent, 0) then 0 else 1 end, 6, 1
limit $3
-- name: ctl_lost_in_silence
select (select a.address from prospect_address a where a.prospect_id = p.id
		order by case a.kind when 'primary' then 0 else 1 end, a.address limit 1) as email, p.name, o.login as owner,
	p.stage, p.stage_reason as reason,
	case when coalesce(y.heard, 0) >= coalesce(y.sent, 0) then 'we' else 'they' end as owed,
	case when coalesce(y.heard, 0) >= coalesce(y.sent, 0) then y.heard else y.sent end as last_word__t,
	($1 - case when coalesce(y.heard, 0) >= coalesce(y.sent, 0) then y.heard else y.sent end) / 86400 as days
from prospect p left join owner o on o.id = p.owner_id
join (select z.id as pid, (select max(t.at) from touch t where t.prospect_id = z.id and t.sent_state <> 'taken_back') as sent,
	(select max(r.received) from reply r where r.prospect_id = z.id and r.kind = 'human') as heard from prospect z
	where z.stage in ('dormant', 'lost')) y on y.pid = p.id
where p.stage in ('dormant', 'lost') and p.merged_into is null and (y.sent is not null or y.heard is not null)
order by 7, 1 limit $2
-- name: ctl_prospect_owner
select owner_id from prospect where id = $1
-- name: pipeline_live_since
select id from enrolment where prospect_id = $1 and started <= $2
	and state in ('not_started', 'researching', 'drafting', 'awaiting_approval', 'ready_to_send', 'sent',
		'waiting', 'follow_up_due', 'appointment_proposed', 'parked')
limit 1
