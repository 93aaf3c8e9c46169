-- What relentctl shows. Column names carry their type for it: x__t a time, x__b yes/no, x__j JSON.
-- `short` is the end of an id: the part that differs between two made at the same time.

-- name: ctl_sequences
select s.name, s.version,
	(select count(*) from step t where t.sequence_id = s.id) as steps,
	(select count(*) from enrolment e join sequence q on q.id = e.sequence_id where q.name = s.name
		and e.state in ('not_started','researching','drafting','awaiting_approval','ready_to_send','sent',
			'waiting','follow_up_due','appointment_proposed','parked')) as live,
	(select count(*) from enrolment e join sequence q on q.id = e.sequence_id where q.name = s.name) as enrolled,
	s.created as created__t, s.retired as retired__t, s.id
from sequence s
where s.version = (select max(x.version) from sequence x where x.name = s.name)
order by s.name

-- name: ctl_addresses
select address from prospect_address order by address limit 20001

-- name: ctl_owner_names
select login as name from owner where active <> 0
union
select a.address as name from owner_address a join owner o on o.id = a.owner_id where o.active <> 0
order by 1

-- name: ctl_owners
select o.id, o.login, o.name, o.zone, o.manager, o.signature, o.active as active__b,
	o.away_from as away_from__t, o.away_until as away_until__t,
	(select count(*) from enrolment e where e.owner_id = o.id and e.state in ('not_started','researching',
		'drafting','awaiting_approval','ready_to_send','sent','waiting','follow_up_due',
		'appointment_proposed','parked')) as live,
	(select count(*) from prospect p where p.owner_id = o.id) as prospects,
	(select a.name from account a where a.owner_id = o.id order by a.name limit 1) as account,
	(select a.state from account a where a.owner_id = o.id order by a.name limit 1) as mailbox
from owner o
where cast($1 as text) is null or o.login = $1
order by o.login

-- name: ctl_owner_addresses
select o.login, a.address from owner_address a join owner o on o.id = a.owner_id order by o.login, a.address

-- name: ctl_prospects
select p.id, substr(p.id, 29) as short,
	(select a.address from prospect_address a where a.prospect_id = p.id
		order by a.kind desc, a.added limit 1) as email,
	p.name, c.name as company, o.login as owner, p.stage, p.priority, q.name as sequence, e.state, e.step,
	case when e.state in ('closed','suppressed','failed') then null else e.due end as due__t,
	e.holds, p.updated as updated__t
from prospect p
left join company c on c.id = p.company_id
left join owner o on o.id = p.owner_id
left join enrolment e on e.id = (select x.id from enrolment x where x.prospect_id = p.id
	order by case when x.state in ('closed','suppressed','failed') then 1 else 0 end, x.created desc, x.id desc
	limit 1)
left join sequence q on q.id = e.sequence_id
where p.merged_into is null
	and (cast($1 as text) is null or o.login = $1)
	and (cast($2 as text) is null or p.stage = $2)
	and (cast($3 as text) is null or p.priority = $3)
	and (cast($4 as text) is null or e.state = $4)
	and (cast($5 as text) is null or lower(p.name) like '%' || lower($5) || '%'
		or lower(c.name) like '%' || lower($5) || '%'
		or exists (select 1 from prospect_address a where a.prospect_id = p.id
			and a.address like '%' || lower($5) || '%'))
order by p.id
limit $6

-- name: ctl_prospect
select p.id, p.name, p.first_name, p.last_name, p.role, c.name as company, o.login as owner, p.phone,
	p.profile, p.location, p.zone, p.language, p.client, p.crm_record, p.previous_contact, p.relationship,
	p.identity_status, p.identity_confidence, p.priority, p.score, p.score_reasons,
	p.qualification as qualification__j, p.qualification_status, p.stage, p.stage_reason,
	p.stage_since as stage_since__t, p.signal, p.workflow, p.asset, p.mini_case, p.question,
	p.next_action, p.next_action_at as next_action_at__t, p.opportunity_value, p.outcome,
	p.permission_channels, p.fit, p.intent, p.deals, p.preferred_channel, p.urgency, p.merged_into, p.created as created__t, p.updated as updated__t
from prospect p
left join company c on c.id = p.company_id
left join owner o on o.id = p.owner_id
where p.id = $1

-- name: ctl_prospect_addresses
select address, kind, domain from prospect_address where prospect_id = $1 order by kind desc, added, address

-- name: ctl_sources
select substr(id, 29) as short, kind, url, captured as captured__t, source_owner, permission, visibility,
	method, permitted_use, compliance, jurisdiction, id
from source where prospect_id = $1 order by created, id

-- name: ctl_evidence
select substr(id, 29) as short, type, point, source, source_date as source_date__t, confidence, relevance,
	safe as safe__b, review_required as review_required__b, reviewed_by, id
from evidence where prospect_id = $1 order by created, id

-- name: ctl_notes
select substr(id, 29) as short, kind, text, date as date__t, done as done__t, created as created__t, id
from note where prospect_id = $1 order by created, id

-- name: ctl_signals
select substr(id, 29) as short, what, kind, source, date as date__t, relevance, confidence, offer_relation,
	permission_context, recommended_action, expires as expires__t, id
from signal where prospect_id = $1 order by date, id

-- name: ctl_enrolments_of
select e.id, substr(e.id, 29) as short, q.name as sequence, q.version, o.login as owner, e.state, e.step,
	e.touches, e.due as due__t, e.last_touch as last_touch__t, e.holds, e.pause_reason, e.pause_words,
	e.reason, e.started as started__t,
	case when e.state in ('not_started','researching','drafting','awaiting_approval','ready_to_send','sent',
		'waiting','follow_up_due','appointment_proposed','parked') then 1 else 0 end as live__b
from enrolment e join sequence q on q.id = e.sequence_id join owner o on o.id = e.owner_id
where e.prospect_id = $1
order by case when e.state in ('closed','suppressed','failed') then 1 else 0 end, e.created desc, e.id desc

-- name: ctl_touches_of
select t.id, substr(t.id, 29) as short, t.at as at__t, o.login as owner, t.channel, t.kind, t.step, t.recipient,
	t.subject, t.sent_state, t.edit_ratio, t.message_id, t.queue_id, t.host, t.provider_result, t.flags,
	t.reply_status, t.permission, t.offer, t.final_text, t.drafted_text, t.enrolment_id
from touch t join owner o on o.id = t.owner_id
where t.prospect_id = $1
order by t.at desc, t.id desc
limit 50

-- name: ctl_replies_of
select r.id, substr(r.id, 29) as short, r.received as received__t, r.sender, r.subject, r.kind, r.subkind,
	r.class, r.confidence, r.date, r.matched_by, r.grade, r.event, r.reviewed_class, r.message_id, r.visible,
	r.enrolment_id
from reply r
where r.prospect_id = $1
order by r.received desc, r.id desc
limit 50

-- name: ctl_enrolment_by_id
select id from enrolment where id >= $1 and id < $1 || 'g' and length($1) >= 6
union
select id from enrolment where substr(id, 31) = substr($1, length($1) - 5) and substr(id, 37 - length($1)) = $1 and length($1) >= 6
limit 2

-- name: ctl_touch_by_id
select id from touch
where id = $1 or (length($1) >= 6 and (substr(id, 1, length($1)) = $1 or substr(id, 37 - length($1)) = $1))
limit 2

-- name: ctl_prospect_by_id
select id from prospect where id >= $1 and id < $1 || 'g' and length($1) >= 6
union
select id from prospect where substr(id, 31) = substr($1, length($1) - 5) and substr(id, 37 - length($1)) = $1 and length($1) >= 6
limit 2

-- name: ctl_prospect_of_touch
select prospect_id as id from touch where id = $1

-- name: ctl_company_by_name
select id from company
where id = $1 or lower(name) = lower($1)
	or (length($1) >= 6 and (substr(id, 1, length($1)) = $1 or substr(id, 37 - length($1)) = $1))
	or id in (select company_id from company_domain where domain = lower($1))
limit 2

-- name: ctl_companies
select c.id, substr(c.id, 29) as short, c.name, c.client, c.size, c.industry, c.location, c.exclusions, c.notes,
	(select count(*) from prospect p where p.company_id = c.id) as prospects,
	(select d.domain from company_domain d where d.company_id = c.id order by d.domain limit 1) as domain
from company c
where cast($1 as text) is null or c.id = $1
order by c.name, c.id

-- name: ctl_due
select e.id, substr(e.id, 29) as short,
	(select a.address from prospect_address a where a.prospect_id = e.prospect_id
		order by a.kind desc, a.added limit 1) as email,
	p.name, o.login as owner, q.name as sequence, e.step + 1 as step, e.state, e.due as due__t, e.holds,
	e.pause_reason, e.pause_words,
	(select d.state from draft d where d.enrolment_id = e.id and d.state in ('wanted','placed','edited','gone')
		limit 1) as draft
from enrolment e
join prospect p on p.id = e.prospect_id
join owner o on o.id = e.owner_id
join sequence q on q.id = e.sequence_id
where e.due > 0 and e.due <= $1
	and e.state in ('not_started','researching','drafting','awaiting_approval','ready_to_send','sent','waiting',
		'follow_up_due','appointment_proposed','parked')
	and (cast($2 as text) is null or o.login = $2)
order by e.due, e.id
limit $3

-- name: ctl_events_of_prospect
select v.seq, v.at as at__t, v.kind, v.actor, v.program, v.host, v.entity, v.entity_id, v.enrolment_id,
	v.payload as payload__j
from event v
where v.prospect_id = $1 or v.enrolment_id in (select id from enrolment where prospect_id = $1)
	or (v.entity = 'prospect' and v.entity_id = $1)
order by v.seq
limit $2

-- name: ctl_events_of_enrolment
select v.seq, v.at as at__t, v.kind, v.actor, v.program, v.host, v.entity, v.entity_id, v.enrolment_id,
	v.payload as payload__j
from event v
where v.enrolment_id = $1
order by v.seq
limit $2

-- name: ctl_events_of_touch
select v.seq, v.at as at__t, v.kind, v.actor, v.program, v.host, v.entity, v.entity_id, v.enrolment_id,
	v.payload as payload__j
from event v
where v.entity_id = $1 and (v.prospect_id = (select t.prospect_id from touch t where t.id = $1)
	or v.at in (select t.at from touch t where t.id = $1 union select t.queued_at from touch t where t.id = $1
		union select t.delivered_at from touch t where t.id = $1 union select t.updated from touch t where t.id = $1))
order by v.seq
limit $2

-- name: ctl_suppressions
select s.id, substr(s.id, 29) as short, s.kind, s.subject, s.scope, s.scope_arg, s.reason, s.evidence,
	s.created as created__t, s.created_by, s.expires as expires__t, s.lifted as lifted__t, s.lifted_by,
	s.lifted_because
from suppression s
where (cast($1 as text) is null or s.reason = $1)
	and ($2 <> 0 or s.lifted is null)
	and (cast($3 as text) is null or s.subject like '%' || lower($3) || '%')
order by s.created, s.id
limit $4

-- name: ctl_suppression_by
select id from suppression
where lifted is null and (id = $1 or subject = lower($1)
	or (length($1) >= 6 and (substr(id, 1, length($1)) = $1 or substr(id, 37 - length($1)) = $1)))
limit 2

-- name: ctl_suppression_address
select id from suppression where lifted is null and kind = 'address' and subject in ($1, $2) order by created, id

-- name: ctl_reviews
select w.id, substr(w.id, 29) as short, w.kind, w.reason, w.created as since__t, o.login as owner,
	(select a.address from prospect_address a where a.prospect_id = w.prospect_id
		order by a.kind desc, a.added limit 1) as email,
	q.name as sequence, e.state, e.step, r.class, r.confidence, r.subject,
	w.decided as decided__t, w.decision, w.decided_by
from review w
left join owner o on o.id = w.owner_id
left join enrolment e on e.id = w.enrolment_id
left join sequence q on q.id = e.sequence_id
left join reply r on r.id = w.reply_id
where ($1 <> 0 or w.decided is null)
	and (cast($2 as text) is null or o.login = $2)
order by w.created, w.id
limit $3

-- name: ctl_review_by_id
select id from review where id >= $1 and id < $1 || 'g' and length($1) >= 6
union
select id from review where substr(id, 31) = substr($1, length($1) - 5) and substr(id, 37 - length($1)) = $1 and length($1) >= 6
limit 2

-- name: ctl_review
select w.id, w.kind, w.reason, w.created as since__t, w.enrolment_id, w.prospect_id, w.owner_id, w.reply_id,
	w.draft_id, o.login as owner, w.decided as decided__t, w.decision, w.decided_by, w.because,
	r.sender, r.subject as reply_subject, r.received as received__t, r.kind as reply_kind, r.class,
	r.confidence, r.evidence as reply_evidence__j, r.date as reply_date, r.matched_by, r.grade, r.visible,
	r.reviewed_class, d.subject as draft_subject, d.text as draft_text, d.state as draft_state,
	n.class as opinion, n.summary as opinion_summary, n.model as opinion_model
from review w
left join owner o on o.id = w.owner_id
left join reply r on r.id = w.reply_id
left join draft d on d.id = w.draft_id
left join opinion n on n.review_id = w.id and n.class is not null
where w.id = $1

-- name: ctl_tasks
select t.id, substr(t.id, 29) as short, t.kind, t.text, t.channel, t.step, t.due as due__t, o.login as owner,
	(select a.address from prospect_address a where a.prospect_id = t.prospect_id
		order by a.kind desc, a.added limit 1) as email,
	t.done as done__t, t.done_by, t.outcome, t.enrolment_id, t.created as created__t
from task t left join owner o on o.id = t.owner_id
where ($1 <> 0 or t.done is null)
	and (cast($2 as text) is null or o.login = $2)
order by coalesce(t.due, t.created), t.id
limit $3

-- name: ctl_task_by_id
select id from task where id >= $1 and id < $1 || 'g' and length($1) >= 6
union
select id from task where substr(id, 31) = substr($1, length($1) - 5) and substr(id, 37 - length($1)) = $1 and length($1) >= 6
limit 2

-- name: ctl_task
select t.id, t.kind, t.step, t.enrolment_id, t.channel, t.done as done__t from task t where t.id = $1

-- name: ctl_outbox
select b.id, substr(b.id, 29) as short, b.kind, b.state, b.attempts, nullif(b.not_before, 0) as not_before__t, b.account,
	o.login as owner, b.last_error, b.created as created__t, b.done as done__t, b.key
from outbox b left join owner o on o.id = b.owner_id
where ($1 <> 0 or b.state <> 'done')
	and (cast($2 as text) is null or b.state = $2)
order by b.created, b.id
limit $3

-- name: ctl_outbox_by_id
select id from outbox
where id = $1 or (length($1) >= 6 and (substr(id, 1, length($1)) = $1 or substr(id, 37 - length($1)) = $1))
limit 2

-- name: ctl_outbox_dead
select id from outbox where state = 'dead' order by created, id limit 1000

-- name: ctl_outbox_row
select id, kind, key, state, attempts, enrolment_id from outbox where id = $1

-- name: people_outbox_retry
update outbox set state = 'waiting', attempts = 0, not_before = $2, taken_until = null
where id = $1 and state in ('dead', 'waiting')

-- name: people_outbox_drop
update outbox set state = 'dead', not_before = $2, taken_until = null, last_error = $3
where id = $1 and state in ('dead', 'waiting')

-- name: people_review_decide
update review set decided = $2, decision = $3, decided_by = $4, because = $5
where id = $1 and decided is null

-- name: people_reply_class
update reply set reviewed_class = $2, reviewed_by = $3, reviewed = $4 where id = $1

-- name: ctl_states
select state, count(*) as n, sum(case when holds > 0 then 1 else 0 end) as held
from enrolment group by state order by state

-- name: ctl_accounts
select a.name, o.login as owner, a.state, a.last_ok as last_ok__t, a.last_error,
	a.failing_since as failing_since__t, a.drafts, a.drafts_error, a.drafts_since as drafts_since__t
from account a left join owner o on o.id = a.owner_id where a.state <> 'removed' order by a.name

-- name: ctl_log_sources
select host, source, heard, heard as heard_of__t, line as last__t from log_source l
where heard = (select max(x.heard) from log_source x where x.host = l.host) order by host, source
-- name: ctl_unsettled
select count(*) as n from touch where sent_state = 'accepted' and at < $1

-- name: ctl_counts
select (select count(*) from prospect) - (select count(*) from prospect where merged_into is not null) as prospects,
	(select count(*) from event where entity = 'touch' and kind = 'accepted') as touches,
	(select count(*) from reply) as replies,
	(select count(*) from suppression where lifted is null) as suppressions,
	(select count(*) from review where decided is null) as reviews_open,
	(select count(*) from task where done is null) as tasks_open,
	(select count(*) from draft where state in ('wanted','placed','edited','gone')) as drafts_out,
	(select count(*) from outbox where state in ('waiting','taken')) as outbox_waiting,
	(select count(*) from outbox where state = 'dead') as outbox_dead,
	(select count(*) from outbox where kind = 'send' and state in ('waiting','taken')) as sends_waiting,
	(select count(*) from send where state = 'unsure') as sends_unsure,
	(select min(created) from outbox where state in ('waiting','taken')) as outbox_oldest__t,
	(select count(*) from touch where sent_state = 'accepted') as touches_without_evidence,
	(select max((select max(t.at) from touch t where t.owner_id = o.id)) from owner o) as last_touch__t,
	(select max(received) from reply) as last_reply__t,
	(select max(seq) from event) as events,
	(select max(seq) from seal) as sealed

-- name: ctl_refusals
select f.at as at__t, f.rule, f.mode, f.code, f.login, f.recipient, f.fact, f.text,
	f.overridden as overridden__b, f.observed as observed__b, f.queue_id, f.message_id
from refusal f
where f.at >= $1 and ($2 = 2 or f.observed = $2)
order by f.at desc, f.id desc
limit $3

-- name: ctl_export
select p.id, (select a.address from prospect_address a where a.prospect_id = p.id
		order by a.kind desc, a.added limit 1) as email,
	p.name, p.first_name, p.last_name, c.name as company, p.role, p.phone, p.profile, p.location, p.zone,
	p.language, p.client, p.crm_record, p.previous_contact, p.relationship, p.identity_status,
	p.identity_confidence, p.priority, p.score, p.score_reasons, p.signal, p.workflow, p.asset, p.mini_case,
	p.question, p.stage, p.next_action, p.next_action_at as next_action_at__t, p.opportunity_value, p.outcome,
	p.permission_channels, p.fit, p.intent, p.deals, p.preferred_channel, p.urgency, o.login as owner, s.kind as source, s.url as source_url, s.captured as captured__t,
	s.source_owner, s.permission, s.visibility, s.method, s.permitted_use, s.compliance, s.jurisdiction,
	e.state, q.name as sequence, e.step, e.due as due__t
from prospect p
left join company c on c.id = p.company_id
left join owner o on o.id = p.owner_id
left join source s on s.id = (select x.id from source x where x.prospect_id = p.id order by x.created, x.id limit 1)
left join enrolment e on e.id = (select x.id from enrolment x where x.prospect_id = p.id
	order by case when x.state in ('closed','suppressed','failed') then 1 else 0 end, x.created desc, x.id desc
	limit 1)
left join sequence q on q.id = e.sequence_id
where p.merged_into is null and p.id > $1
order by p.id
limit 500

-- name: ctl_classification
-- A verdict counts as right until a person says otherwise: everything but an ordinary no-stop reaches a person.
select r.class, count(*) as replies, count(r.reviewed) as looked_at,
	sum(case when r.class <> 'unknown' and r.reviewed_class <> r.class then 1 else 0 end) as corrected,
	round(100.0 * sum(case when r.class = 'unknown' or r.reviewed_class is null or r.reviewed_class = r.class
		then 1 else 0 end) / count(*), 1) as accuracy,
	round(cast(avg(r.confidence) as numeric), 2) as confidence
from reply r
where r.received >= $1 and r.kind in ('human', 'auto_reply', 'calendar')
group by r.class
order by 2 desc, 1
limit $2

-- ---- breakers, grants, proposals ----

-- name: ctl_breakers
select b.id, substr(b.id, 29) as short, b.scope, case b.scope when 'owner' then coalesce(o.login, b.name) else b.name end
	as name, b.level, b.cause, b.opened as opened__t, b.closed as closed__t, b.closed_by, b.because
from breaker b left join owner o on b.scope = 'owner' and o.id = b.name
where $1 <> 0 or b.closed is null
order by b.opened desc, b.id

-- name: ctl_breaker_by
select b.id from breaker b left join owner o on b.scope = 'owner' and o.id = b.name
where b.closed is null and (b.id = $1 or b.name = $1 or o.login = $1
	or (length($1) >= 6 and (substr(b.id, 1, length($1)) = $1 or substr(b.id, 37 - length($1)) = $1)))
limit 2

-- name: ctl_grants
select g.id, substr(g.id, 29) as short, o.login as owner, g.sequence, g.authority, g.template, g.granted_by,
	g.because, g.created as created__t, g.expires as expires__t, g.revoked as revoked__t, g.revoked_by,
	case when g.revoked is not null then 'revoked' when g.expires is not null and g.expires <= $2 then 'ended'
		else 'live' end as state
from authority_grant g join owner o on o.id = g.owner_id
where $1 <> 0 or (g.revoked is null and (g.expires is null or g.expires > $2))
order by g.created, g.id

-- name: ctl_grant_by_id
select id from authority_grant
where id = $1 or (length($1) >= 6 and (substr(id, 1, length($1)) = $1 or substr(id, 37 - length($1)) = $1))
limit 2

-- name: ctl_owner_by_login
select id from owner where login = $1 or id in (select owner_id from owner_address where address = lower($1)) limit 2

-- name: ctl_proposals
select p.id, substr(p.id, 29) as short, (select a.address from prospect_address a where a.prospect_id = p.prospect_id
		order by a.kind desc, a.added limit 1) as email,
	p.version, p.state, p.date as date__t, p.expires as expires__t, p.content as content__j, p.updated as updated__t
from proposal p
where (cast($1 as text) is null or p.state = $1) and (cast($2 as text) is null or p.prospect_id = $2)
order by p.created desc, p.id desc
limit $3

-- name: ctl_proposal
select p.id, (select a.address from prospect_address a where a.prospect_id = p.prospect_id
		order by a.kind desc, a.added limit 1) as email,
	p.version, p.state, p.date as date__t, p.expires as expires__t, p.content as content__j,
	p.created as created__t, p.updated as updated__t
from proposal p where p.id = $1

-- name: ctl_proposal_by_id
select id from proposal
where id = $1 or (length($1) >= 6 and (substr(id, 1, length($1)) = $1 or substr(id, 37 - length($1)) = $1))
limit 2

-- name: ctl_proposal_of
select id from proposal where prospect_id = $1 order by created desc, id desc limit 1

-- name: ctl_enrolment_live_of
select id from enrolment where prospect_id = $1 and state in ('not_started','researching','drafting','awaiting_approval',
	'ready_to_send','sent','waiting','follow_up_due','appointment_proposed','parked') limit 1

-- ---- report deliverability ----

-- name: ctl_delivery_owners
select 'owner' as scope, o.id as key, o.login as name, count(*) as touches, sum(t.first) as first_touches,
	sum(case when t.sent_state = 'delivered' then 1 else 0 end) as delivered,
	sum(case when t.sent_state = 'deferred' then 1 else 0 end) as deferred,
	sum(case when t.sent_state in ('bounced', 'expired') or t.bounced > 0 then 1 else 0 end) as bounced,
	sum(case when t.bounced > 0 then 1 else 0 end) as hard_bounces,
	sum(case when t.complained > 0 then 1 else 0 end) as complaints,
	sum(case when t.unsubscribed > 0 then 1 else 0 end) as unsubscribes,
	sum(case when t.links > 0 then 1 else 0 end) as with_links,
	sum(case when t.attachments > 0 then 1 else 0 end) as with_attachments,
	sum(case when t.at >= $2 then 1 else 0 end) as today
from owner o join touch t on t.owner_id = o.id and t.at >= $1
where t.kind in ('touch', 'manual') and t.sent_state <> 'taken_back'
group by o.id, o.login order by o.login

-- name: ctl_delivery_domains
select 'domain' as scope, t.sender_domain as key, t.sender_domain as name, count(*) as touches, sum(t.first) as first_touches,
	sum(case when t.sent_state = 'delivered' then 1 else 0 end) as delivered,
	sum(case when t.sent_state = 'deferred' then 1 else 0 end) as deferred,
	sum(case when t.sent_state in ('bounced', 'expired') or t.bounced > 0 then 1 else 0 end) as bounced,
	sum(case when t.bounced > 0 then 1 else 0 end) as hard_bounces,
	sum(case when t.complained > 0 then 1 else 0 end) as complaints,
	sum(case when t.unsubscribed > 0 then 1 else 0 end) as unsubscribes,
	sum(case when t.links > 0 then 1 else 0 end) as with_links,
	sum(case when t.attachments > 0 then 1 else 0 end) as with_attachments,
	sum(case when t.at >= $2 then 1 else 0 end) as today
from (select distinct name from tally where scope = 'domain') d cross join touch t
where t.sender_domain = d.name and t.at >= $1 and t.kind in ('touch', 'manual') and t.sent_state <> 'taken_back'
group by t.sender_domain order by t.sender_domain

-- name: ctl_delivery_sequences
select 'sequence' as scope, t.sequence as key, t.sequence as name, count(*) as touches, sum(t.first) as first_touches,
	sum(case when t.sent_state = 'delivered' then 1 else 0 end) as delivered,
	sum(case when t.sent_state = 'deferred' then 1 else 0 end) as deferred,
	sum(case when t.sent_state in ('bounced', 'expired') or t.bounced > 0 then 1 else 0 end) as bounced,
	sum(case when t.bounced > 0 then 1 else 0 end) as hard_bounces,
	sum(case when t.complained > 0 then 1 else 0 end) as complaints,
	sum(case when t.unsubscribed > 0 then 1 else 0 end) as unsubscribes,
	sum(case when t.links > 0 then 1 else 0 end) as with_links,
	sum(case when t.attachments > 0 then 1 else 0 end) as with_attachments,
	sum(case when t.at >= $2 then 1 else 0 end) as today
from owner o cross join touch t
where t.owner_id = o.id and t.at >= $1 and t.sequence is not null and t.kind in ('touch', 'manual') and t.sent_state <> 'taken_back'
group by t.sequence order by t.sequence

-- name: ctl_delivery_days
select count(*) as days from tally where scope = $1 and name = $2 and day >= $3 and day < $4 and touches > 0

-- name: ctl_delivery_texts
select t.recipient, t.final_text as text, t.owner_id, t.sender_domain, t.sequence
from (select v.entity_id, v.seq from event v where v.entity = 'touch' and v.kind = 'accepted' order by v.seq desc limit $2) x
cross join touch t
where t.id = x.entity_id and t.at >= $1 and t.kind in ('touch', 'manual') and t.sent_state <> 'taken_back' and t.final_text is not null
order by x.seq desc

-- name: ctl_delivery_providers
select coalesce(b.provider, b.domain) as provider, count(distinct b.domain) as domains, count(*) as mails,
	sum(b.times) as warnings, max(b.last) as last__t, max(b.dsn) as dsn, max(b.words) as words
from pushback b where b.last >= $1
group by coalesce(b.provider, b.domain) order by warnings desc, provider

-- name: ctl_delivery_breakers
select scope, name, level, cause from breaker where closed is null

-- name: ctl_would_groups
select f.rule, f.login, strftime('%Y-%m-%d', f.at + $3, 'unixepoch') as day, count(*) as mails,
	sum(case when f.mode = 'enforce' and f.overridden = 0 then 1 else 0 end) as refused,
	min(f.recipient) as example, max(f.fact) as fact
from refusal f
where f.at >= $1 and ($2 = 2 or f.observed = $2)
group by f.rule, f.login, strftime('%Y-%m-%d', f.at + $3, 'unixepoch')
order by day desc, mails desc, f.rule, f.login

-- Drafts that lie there, and what comes after the second mail.
-- name: ctl_drafts_out
select d.id, d.made as made__t, d.recipient as email, o.login as owner, d.state
from draft d join owner o on o.id = d.owner_id
where d.state in ('placed', 'edited') order by d.made, d.id limit $1
-- name: ctl_follow_up
select x.nth as touch, count(*) as touches, sum(x.answered) as answered, sum(x.booked) as booked
from (select t.id,
		(select count(*) from touch b where b.enrolment_id = t.enrolment_id and b.at <= t.at
			and b.sent_state <> 'taken_back') as nth,
		case when exists (select 1 from reply r where r.enrolment_id = t.enrolment_id and r.kind = 'human'
			and r.received >= t.at and not exists (select 1 from touch l where l.enrolment_id = t.enrolment_id
				and l.at > t.at and l.at <= r.received and l.sent_state <> 'taken_back')) then 1 else 0 end as answered,
		case when not exists (select 1 from touch l where l.enrolment_id = t.enrolment_id and l.at > t.at
			and l.sent_state <> 'taken_back')
			and exists (select 1 from enrolment e where e.id = t.enrolment_id and e.state = 'booked') then 1 else 0 end
			as booked
	from owner o cross join touch t
	where t.owner_id = o.id and t.at >= $1 and t.enrolment_id is not null and t.sent_state <> 'taken_back') x
group by x.nth order by x.nth
-- name: ctl_follow_up_most
select coalesce(max(e.touches), 0) as most,
	coalesce(sum(case when e.touches >= 3 and e.state in ('waiting', 'sent', 'follow_up_due', 'drafting', 'awaiting_approval',
		'ready_to_send', 'researching') then 1 else 0 end), 0) as waiting,
	coalesce(sum(case when e.touches > (select count(*) from step s where s.sequence_id = e.sequence_id)
		then 1 else 0 end), 0) as above
from enrolment e
where e.updated >= $1
