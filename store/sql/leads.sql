-- Statements about lead mailboxes.

-- name: lead_by_mail
select id, state, prospect_id from lead where mail_key = $1

-- name: lead_insert
insert into lead (id, mail_key, source, account, folder, uidvalidity, uid, message_id, sender, subject, shape,
	address, campaign, language, fields, request, print, problem, state, prospect_id, enrolment_id, owner_id,
	review_id, received, answer_by, created, updated)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
	$25, $26, $26)

-- name: lead_lately
select id, print, prospect_id,
	coalesce((select e.last_touch from enrolment e where e.id = lead.enrolment_id), 0) as answered
from lead
where address = $1 and received >= $2 and received <= $3 and state in ('enrolled', 'kept', 'inquiry', 'again')
order by received desc limit 1

-- name: lead_row
select id, state, source, fields, address, message_id, sender, subject, account, folder, uidvalidity, uid, mail_key,
	received, review_id, prospect_id, owner_id, problem
from lead where id = $1

-- name: lead_decide
update lead set state = $2, address = $3, fields = $4, request = $5, prospect_id = $6, enrolment_id = $7,
	owner_id = coalesce($8, owner_id), decided = $9, decided_by = $10, because = $11, updated = $9
where id = $1

-- name: lead_owner_of_login
select id, active, away_from, away_until from owner where login = $1

-- name: lead_owners
select login from owner where active <> 0 order by login

-- name: leads_of_source
select count(*) from lead where source = $1 and created > $2

-- name: leads_of_owner
select count(*) from lead where owner_id = $1 and created > $2

-- name: lead_more_count
update outbox set payload = $2 where key = $1 and kind = 'notify' and state = 'waiting'

-- name: lead_review_over
update lead set state = $2, decided = $3, decided_by = $4, because = $5, updated = $3
where review_id = $1 and state = 'review'

-- name: lead_review_routed
update lead set owner_id = $2, updated = $3 where review_id = $1 and state = 'review'

-- name: lead_turn_get
select login from lead_turn where name = $1

-- name: lead_turn_put
insert into lead_turn (name, login, at) values ($1, $2, $3)
on conflict (name) do update set login = excluded.login, at = excluded.at

-- name: lead_enrolments
select id, state from enrolment where prospect_id = $1 order by created desc, id desc limit 20

-- name: lead_prospect_owner
select o.id, o.login, o.active from prospect p join owner o on o.id = p.owner_id where p.id = $1

-- name: lead_of_enrolment
select request, campaign, fields, shape, message_id, subject from lead where enrolment_id = $1
order by received desc limit 1

-- What became of each: the first draft and the first mail to the person after it came.
-- name: report_leads
select l.id, substr(l.id, 29) as short, l.source, l.campaign, l.shape, l.state, l.address, o.login as owner, l.received,
	l.answer_by, l.problem, l.account, l.folder, l.uid, l.message_id,
	(select min(d.made) from draft d where d.enrolment_id = l.enrolment_id and d.made >= l.received) as drafted,
	(select min(t.at) from touch t where t.prospect_id = l.prospect_id and t.at >= l.received
		and t.sent_state <> 'taken_back') as touched
from lead l left join owner o on o.id = l.owner_id
where l.received >= $1
	and (cast($2 as text) is null or o.login = $2)
	and (cast($3 as text) is null or l.source = $3)
	and (cast($4 as text) is null or l.state = $4)
order by l.received, l.id
limit $5

-- name: lead_lateness
select count(*) as leads, coalesce(sum(case when $3 > l.answer_by
	and not exists (select 1 from draft d where d.enrolment_id = l.enrolment_id and d.made >= l.received
		and d.made <= l.answer_by)
	and not exists (select 1 from touch t where t.prospect_id = l.prospect_id and t.at >= l.received
		and t.at <= l.answer_by and t.sent_state <> 'taken_back') then 1 else 0 end), 0) as late
from lead l
where l.received >= $1 and (cast($2 as text) is null or l.owner_id = $2) and l.state in ('enrolled', 'kept')

-- name: ctl_lead_by_id
select id from lead
where id = $1 or (length($1) >= 6 and (substr(id, 1, length($1)) = $1 or substr(id, 37 - length($1)) = $1))
	or review_id = $1
	or (length($1) >= 6 and (substr(review_id, 1, length($1)) = $1 or substr(review_id, 37 - length($1)) = $1))
limit 2

-- name: ctl_lead
select l.id, l.source, l.state, l.problem, l.address, l.shape, l.campaign, l.language, l.request, o.login as owner,
	l.received as received__t, l.answer_by as answer_by__t, l.sender, l.subject, l.message_id, l.account, l.folder,
	l.uid, l.fields as fields__j, l.decided as decided__t, l.decided_by, l.because, l.prospect_id, l.enrolment_id,
	l.review_id
from lead l left join owner o on o.id = l.owner_id where l.id = $1

-- name: lead_of_review
select id, fields, problem, address, sender, subject, account, folder, uid, message_id, source, state
from lead where review_id = $1

-- name: forget_lead_of
update lead set sender = null, subject = null, message_id = null, address = null, fields = '{}', request = null,
	print = null, problem = null, because = null
where address = $1

-- name: forget_lead_events
update event set payload = null where entity = 'lead' and entity_id in (select id from lead where address = $1)

-- name: forget_lead_reviews
delete from review where id in (select review_id from lead where address = $1)

-- name: lead_unanswered
select l.id, l.received, l.request, p.name, c.name as company, l.address
from lead l join prospect p on p.id = l.prospect_id left join company c on c.id = p.company_id
where l.received >= $2 and l.owner_id = $1 and l.answer_by < $3 and l.state in ('enrolled', 'kept')
	and not exists (select 1 from touch t where t.prospect_id = l.prospect_id and t.at >= l.received
		and t.sent_state <> 'taken_back')
	and not exists (select 1 from enrolment e where e.id = l.enrolment_id and e.state in ('closed', 'suppressed', 'failed'))
order by l.received limit $4
