-- Statements about decisions about what waits for a person, approvals, grants.

-- Things that wait, by id, by the end of it ($2: its last six characters) or by its beginning ($3 up to $4).
-- name: desk_items
select 'review' as kind, id, case when decided is null then 1 else 0 end as waits from review where id = $1
union all select 'draft', id, case when state in ('wanted', 'placed', 'edited', 'gone') then 1 else 0 end from draft where id = $1
union all select 'task', id, case when done is null then 1 else 0 end from task where id = $1
union all select 'enrolment', id, 1 from enrolment where id = $1
limit 1
-- name: desk_items_end
select 'review' as kind, id, case when decided is null then 1 else 0 end as waits from review
where substr(id, 31) = $2 and substr(id, 37 - length($1)) = $1
union all select 'draft', id, case when state in ('wanted', 'placed', 'edited', 'gone') then 1 else 0 end from draft
where substr(id, 31) = $2 and substr(id, 37 - length($1)) = $1
union all select 'task', id, case when done is null then 1 else 0 end from task where substr(id, 31) = $2 and substr(id, 37 - length($1)) = $1
union all select 'enrolment', id, 1 from enrolment where substr(id, 31) = $2 and substr(id, 37 - length($1)) = $1
order by 3 desc limit 4
-- name: desk_items_begin
select 'review' as kind, id, case when decided is null then 1 else 0 end as waits from review where id >= $1 and id < $2
union all select 'draft', id, case when state in ('wanted', 'placed', 'edited', 'gone') then 1 else 0 end from draft where id >= $1 and id < $2
union all select 'task', id, case when done is null then 1 else 0 end from task where id >= $1 and id < $2
union all select 'enrolment', id, 1 from enrolment where id >= $1 and id < $2
order by 3 desc limit 4
-- name: desk_review
select w.kind, w.reason, w.enrolment_id, w.prospect_id, w.owner_id, w.reply_id, w.draft_id, w.created,
	w.decided, w.decision, w.decided_by, r.sender, r.class
from review w left join reply r on r.id = w.reply_id where w.id = $1
-- name: desk_task
select kind, text, enrolment_id, prospect_id, owner_id, step, channel, due, done, done_by, outcome, created from task
where id = $1
-- name: desk_draft
select id, enrolment_id, owner_id, prospect_id, step, state, recipient, subject, text, seen_subject, seen_text, made,
	uid, account from draft where id = $1
-- name: desk_draft_of
select id from draft where enrolment_id = $1 and state in ('wanted', 'placed', 'edited', 'gone')
order by step desc limit 1
-- name: desk_review_of
select id from review where enrolment_id = $1 and decided is null order by created desc limit 1
-- name: desk_owner
select id, login, name, zone, manager, active from owner where id = $1
-- name: desk_owner_of_address
select owner_id from owner_address where address = $1
-- name: desk_person
select p.id, p.name, p.owner_id, p.sensitive, c.sensitive as company_sensitive, p.permission_channels,
	(select x.address from prospect_address x where x.prospect_id = p.id
	 order by case x.kind when 'primary' then 0 else 1 end, x.address limit 1) as email
from prospect p left join company c on c.id = p.company_id where p.id = $1

-- name: decision_add
insert into decision (id, kind, item, decision, argument, because, state, text_hash, by_whom, via, shown, shown_at, at,
	seconds, enrolment_id, prospect_id, owner_id, approval_id, edit_ratio, flag, before, after)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
-- name: decision_last
select id, decision, argument, because, state, text_hash, by_whom, at, approval_id, after from decision
where item = $1 order by at desc, id desc limit 1
-- name: decision_last_of_enrolment
select id, item from decision where enrolment_id = $1 order by at desc, id desc limit 1
-- name: decision_first
select id, by_whom, text_hash, at from decision
where item = $1 and decision = $2 and state = 'first' and at >= $3 order by at desc, id desc limit 1
-- name: decision_first_done
update decision set state = 'done' where item = $1 and decision = $2 and state = 'first'
-- name: decision_burst
select count(*) from decision where by_whom = $1 and at >= $2 and decision in ('approve', 'edit')
-- name: decision_flagged
select at from decision where by_whom = $1 and at >= $2 and flag = 'bulk' order by at desc limit 1

-- name: shown_put
insert into shown (item, by_whom, hash, via, at, last) values ($1, $2, $3, $4, $5, $5)
on conflict (item, by_whom, hash) do update set last = excluded.last
-- name: shown_get
select at, last from shown where item = $1 and by_whom = $2 and hash = $3
-- name: shown_any
select hash, at from shown where item = $1 and by_whom = $2 order by last desc limit 1
-- name: shown_forget
delete from shown where (item, by_whom, hash) in (select item, by_whom, hash from shown where last < $1 limit $2)

-- name: desk_approval_add
insert into approval (id, owner_id, enrolment_id, prospect_id, step, content_hash, decision, by_whom, because, shown,
	shown_hash, shown_at, decided, expires, draft_id, scope, via, first_by, sender, recipient)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
-- name: desk_approval
select id, by_whom, decided, expires, used, void, void_because, scope from approval where id = $1
-- name: desk_approval_of
select id, content_hash, by_whom, decided, expires, used, void, scope, first_by from approval
where enrolment_id = $1 and step = $2 and draft_id = $3 and void is null and used is null
	and (expires is null or expires > $4)
order by decided desc limit 1
-- name: desk_approval_draft
update approval set draft_id = $2 where id = $1
-- name: desk_approvals_void
update approval set void = $2, void_because = $3
where enrolment_id = $1 and used is null and void is null and decision in ('approve', 'edit_and_approve')
-- name: desk_approvals_open
select id from approval
where enrolment_id = $1 and used is null and void is null and decision in ('approve', 'edit_and_approve')
-- name: desk_approvals_over
select id, enrolment_id, step, by_whom, scope from approval
where used is null and void is null and expires is not null and expires <= $1 order by expires limit $2
-- name: desk_approval_void
update approval set void = $2, void_because = $3 where id = $1 and void is null

-- name: desk_approvals_of_draft
select id, enrolment_id, content_hash from approval where draft_id = $1 and used is null and void is null
-- name: desk_draft_new
insert into draft (id, enrolment_id, owner_id, prospect_id, step, account, recipient, subject, text, state, made, updated,
	written_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'wanted', $10, $10, $11)
-- name: desk_draft_written
select written_by from draft where id = $1
-- name: desk_route_enrolment
update enrolment set owner_id = $2, updated = $3 where id = $1
-- name: desk_route_prospect
update prospect set owner_id = $2, updated = $3 where id = $1
-- name: desk_route_tasks
update task set owner_id = $2, updated = $3 where enrolment_id = $1 and done is null
-- name: desk_route_reviews
update review set owner_id = $2 where enrolment_id = $1 and decided is null
-- name: desk_task_lapse
update task set done = $3, done_by = 'relent', outcome = 'lapsed', updated = $3
where enrolment_id = $1 and step = $2 and done is null and channel is not null
-- name: desk_task_add
insert into task (id, owner_id, prospect_id, enrolment_id, kind, text, step, channel, due, created, updated)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)

-- ---- the card ----
-- name: card_person
select p.*, c.name as company_name, c.sensitive as company_sensitive,
	(select x.address from prospect_address x where x.prospect_id = p.id
	 order by case x.kind when 'primary' then 0 else 1 end, x.address limit 1) as email,
	(select x.domain from prospect_address x where x.prospect_id = p.id
	 order by case x.kind when 'primary' then 0 else 1 end, x.address limit 1) as domain
from prospect p left join company c on c.id = p.company_id where p.id = $1
-- name: card_sources
select kind, url, permission, permitted_use, compliance, jurisdiction, captured from source
where prospect_id = $1 order by created, id limit 10
-- name: card_evidence
select point, source, type, source_date, safe, reviewed from evidence where prospect_id = $1 order by created, id limit 30
-- name: card_signal
select what, date from signal where prospect_id = $1 and retracted is null and (expires is null or expires > $2)
order by date desc limit 1
-- name: card_touches
select at, step, kind, channel, subject, final_text, sent_state from touch
where prospect_id = $1 and sent_state <> 'taken_back' order by at desc, id desc limit 10
-- name: card_reply
select sender, subject, received, class, visible, coalesce(reviewed_class, class) from reply
where prospect_id = $1 and kind in ('human', 'calendar', 'away') order by received desc, id desc limit 1
-- name: card_reply_by_id
select sender, subject, received, class, visible, coalesce(reviewed_class, class) from reply where id = $1
-- name: card_opinion
select class, summary, model from opinion where review_id = $1 and class is not null
-- name: card_review_note
select review_note from enrolment where id = $1
-- name: card_owner_address
select address from owner_address where owner_id = $1 order by address limit 1
-- name: desk_route_task
update task set owner_id = $2, updated = $3 where id = $1
-- name: desk_route_review
update review set owner_id = $2 where id = $1

-- ---- lists and reports ----
-- $1: also what is decided; $2 the owner; $3 how many
-- name: ctl_waiting
select w.id, substr(w.id, 29) as short, 'review' as item, w.kind, w.reason, w.created as since__t, o.login as owner,
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
union all
select d.id, substr(d.id, 29), 'draft', 'draft', 'a draft waits for a decision', d.made, o.login,
	(select a.address from prospect_address a where a.prospect_id = d.prospect_id
		order by a.kind desc, a.added limit 1),
	q.name, e.state, e.step, null, null, coalesce(d.seen_subject, d.subject), null, null, null
from draft d
join enrolment e on e.id = d.enrolment_id
join sequence q on q.id = e.sequence_id
left join owner o on o.id = d.owner_id
where d.state in ('placed', 'edited') and e.state = 'awaiting_approval'
	and not exists (select 1 from approval p where p.draft_id = d.id and p.void is null and p.used is null
		and (p.expires is null or p.expires > $4))
	and (cast($2 as text) is null or o.login = $2)
order by 6, 1
limit $3
-- name: report_approvals
select by_whom, decision, at, seconds, edit_ratio, flag, via, because, item from decision
where at >= $1 and decision in ('approve', 'edit', 'reject') order by by_whom, at, id
-- name: report_decisions
select by_whom as person, decision, count(*) as n, max(at) as last__t from decision
where at >= $1 group by by_whom, decision order by by_whom, decision

-- forgetting a person
-- name: forget_decision
update decision set argument = null, because = null where prospect_id = $1
-- name: desk_approvals_sent
update approval set used = $3
where enrolment_id = $1 and step <= $2 and scope = 'owner' and used is null and void is null

-- Is a grant revoked already, and do others allow the same?
-- name: grant_state
select g.revoked, g.revoked_by, (select count(*) from authority_grant o
	where o.owner_id = g.owner_id and o.id <> g.id and o.authority = g.authority
	and (o.sequence = g.sequence or o.sequence = '*') and (o.template is null or o.template = g.template)
	and o.revoked is null and (o.expires is null or o.expires > $2)) as others
from authority_grant g where g.id = $1


-- What is known of a person that a mail may mention; that somebody was seen to read is never among it.
-- name: card_points
select 'signal' as kind, what as words from signal
where prospect_id = $1 and retracted is null and coalesce(kind, '') <> 'proposal_view'
	and lower(substr(what, 1, 13)) <> 'proposal_view'
union all select 'evidence', point from evidence where prospect_id = $1
union all select 'signal', signal from prospect where id = $1 and signal is not null
union all select 'workflow', workflow from prospect where id = $1 and workflow is not null
union all select 'question', question from prospect where id = $1 and question is not null
union all select 'asset', asset from prospect where id = $1 and asset is not null
union all select 'mini_case', mini_case from prospect where id = $1 and mini_case is not null
union all select 'request', request from lead where prospect_id = $1 and request is not null

