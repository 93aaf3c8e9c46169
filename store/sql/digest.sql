-- Statements about the digest, hand-off notes, review cards.

-- ---- lists that were mailed, and their lines (store/links.h) ----
-- name: list_insert
insert into digest_list (id, ref, kind, key, owner_id, made, expires) values ($1, $2, $3, $4, $5, $6, $7)
-- name: list_line_insert
insert into digest_line (list_id, number, kind, item_id, label, shown, actions)
values ($1, $2, $3, $4, $5, $6, $7)
-- name: list_sent
update digest_list set sent = coalesce(sent, $2) where id = $1
-- name: list_by_id
select id, kind, key, owner_id, made, sent, expires, ref from digest_list where id = $1
-- name: list_by_key
select id, kind, key, owner_id, made, sent, expires, ref from digest_list where key = $1
-- name: list_by_ref
select id, kind, key, owner_id, made, sent, expires, ref from digest_list where ref = $1
-- name: list_last
select id, kind, key, owner_id, made, sent, expires, ref from digest_list
where owner_id = $1 and kind = $2 and made < $3 order by made desc limit 1
-- name: list_lines
select number, kind, item_id, label, shown, actions from digest_line where list_id = $1 order by number
-- name: list_line
select number, kind, item_id, label, shown, actions from digest_line where list_id = $1 and number = $2
-- name: list_since
select l.made from digest_line x join digest_list l on l.id = x.list_id
where x.item_id = $1 and l.owner_id = $2 and l.kind = $3 and l.made < $4 order by l.made limit 1
-- name: lists_ended
select id from digest_list where expires < $1 order by expires limit $2
-- name: list_lines_delete
delete from digest_line where list_id = $1
-- name: list_delete
delete from digest_list where id = $1

-- ---- what waits for an owner ----
-- name: digest_owners
select o.id, o.login, o.zone, (select max(l.made) from digest_list l where l.owner_id = o.id and l.kind = 'digest')
from owner o where o.active = 1 order by o.login
-- name: digest_owner
select id, login, zone, active from owner where id = $1
-- name: digest_reviews
select r.id, case when r.reply_id is null then 0 else 1 end from review r
where r.owner_id = $1 and r.decided is null order by r.created, r.id limit $2
-- name: digest_reviews_count
select count(*), count(reply_id) from review where owner_id = $1 and decided is null
-- name: digest_unanswered
select e.id from enrolment e
where e.owner_id = $1 and e.state in ('reply_received', 'human_review')
	and exists (select 1 from reply y where y.enrolment_id = e.id and y.kind = 'human'
		and not exists (select 1 from touch t where t.prospect_id = e.prospect_id and t.at >= y.received)
		and not exists (select 1 from reply z where z.enrolment_id = e.id and z.kind = 'human'
			and z.received > y.received))
	and not exists (select 1 from review v where v.enrolment_id = e.id and v.decided is null)
order by e.updated, e.id limit $2
-- name: digest_drafts
select d.id, d.made from draft d join enrolment e on e.id = d.enrolment_id
where e.owner_id = $1 and e.state in ('awaiting_approval', 'follow_up_due', 'drafting', 'not_started')
	and d.state in ('placed', 'edited')
	and not exists (select 1 from approval p where p.enrolment_id = d.enrolment_id and p.step = d.step
		and p.decision in ('approve', 'edit_and_approve') and p.void is null and p.used is null
		and coalesce(p.expires, $3 + 1) > $3)
order by d.made, d.id limit $2
-- name: digest_returning
select e.id, e.due, e.pause_reason, e.pause_words from enrolment e
where e.owner_id = $1 and e.state = 'parked' and e.due > 0 and e.due < $3
order by e.due, e.id limit $2
-- name: digest_late
select e.id, e.due from enrolment e
where e.owner_id = $1 and e.due > 0 and e.due < $3
	and e.state in ('not_started', 'researching', 'drafting', 'ready_to_send', 'follow_up_due', 'appointment_proposed')
order by e.due, e.id limit $2
-- name: digest_promises
select n.id, n.text, n.date, p.id, p.name, c.name, (select x.address from prospect_address x
	where x.prospect_id = p.id order by case x.kind when 'primary' then 0 else 1 end, x.address limit 1)
from note n join prospect p on p.id = n.prospect_id left join company c on c.id = p.company_id
where n.kind = 'promise' and n.done is null and n.date < $3 and p.owner_id = $1
order by n.date, n.id limit $2
-- name: digest_news
select id, key, payload, created from outbox
where owner_id = $1 and state = 'digest' order by created, id limit $2
-- name: digest_news_done
update outbox set state = 'done', done = $2 where owner_id = $1 and state = 'digest' and created <= $2
-- name: digest_breakers
select b.id, b.scope, case b.scope when 'owner' then $2 else b.name end, b.level, b.cause, b.opened
from breaker b where b.closed is null and ((b.scope = 'owner' and b.name = $1)
	or (b.scope = 'sequence' and exists (select 1 from sequence q join enrolment e on e.sequence_id = q.id
		where q.name = b.name and e.owner_id = $1 and e.state not in ('closed', 'suppressed', 'failed')))
	or (b.scope = 'domain' and exists (select 1 from owner_address where owner_id = $1
		and substr(address, instr(address, '@') + 1) = b.name)))
order by b.opened
-- name: digest_accounts
select name, last_error, failing_since from account
where owner_id = $1 and failing_since is not null and failing_since < $2 and state <> 'removed' order by name

-- ---- the administrator's week: $1 from, $2 until ----
-- name: weekly_last
select max(made) from digest_list where kind = 'weekly' and owner_id is null
-- name: report_week_touches
select count(*), sum(first), sum(case when sent_state = 'delivered' then 1 else 0 end),
	sum(case when bounced > 0 then 1 else 0 end), sum(case when complained > 0 then 1 else 0 end),
	sum(case when unsubscribed > 0 then 1 else 0 end)
from touch where at >= $1 and at < $2 and kind in ('touch', 'manual') and sent_state <> 'taken_back'
-- name: report_week_owners
select o.login, count(*), sum(case when t.bounced > 0 then 1 else 0 end),
	sum(case when t.complained > 0 then 1 else 0 end), sum(case when t.unsubscribed > 0 then 1 else 0 end)
from owner o join touch t on t.owner_id = o.id and t.at >= $1 and t.at < $2
where t.kind in ('touch', 'manual') and t.sent_state <> 'taken_back' group by o.login order by 2 desc, 1 limit 30
-- name: report_week_replies
select class, count(*), sum(case when reviewed_class is not null and reviewed_class <> class then 1 else 0 end)
from reply where received >= $1 and received < $2 and kind in ('human', 'auto_reply', 'calendar')
group by class order by 2 desc, 1
-- name: report_week_decisions
select by_whom, sum(case when decision in ('approve', 'edit') then 1 else 0 end),
	sum(case when decision not in ('approve', 'edit') then 1 else 0 end),
	cast(avg(case when decision in ('approve', 'edit') then seconds end) as integer),
	sum(case when flag is not null then 1 else 0 end)
from decision where at >= $1 and at < $2 group by by_whom order by 2 desc, 1 limit 30
-- name: report_week_breakers
select b.scope, coalesce(o.login, b.name), b.level, b.cause, b.opened from breaker b
left join owner o on b.scope = 'owner' and o.id = b.name where b.closed is null order by b.opened
-- name: report_week_accounts
select name, last_error, failing_since from account
where failing_since is not null and state <> 'removed' order by failing_since limit 30
-- name: report_week_dead
select kind, count(*), max(last_error) from outbox where state = 'dead' group by kind order by 2 desc, 1
-- name: report_week_waits
select x.kind, x.since, o.login, p.name,
	(select a.address from prospect_address a where a.prospect_id = x.prospect_id
		order by case a.kind when 'primary' then 0 else 1 end, a.address limit 1)
from (select 'review' as kind, created as since, owner_id, prospect_id from review where decided is null
	union all select 'task', coalesce(due, created), owner_id, prospect_id from task
		where done is null and coalesce(due, created) < $1
	union all select 'draft', made, owner_id, prospect_id from draft where state in ('placed', 'edited')) x
left join owner o on o.id = x.owner_id left join prospect p on p.id = x.prospect_id
order by x.since limit 10

-- ---- hand-off notes ----
-- name: note_review
select id from review where enrolment_id = $1 and decided is null order by created desc, id desc limit 1

-- ---- who is forgotten ----
-- name: list_mail_left
update outbox set payload = '{}' where id = $1 and kind = 'mail'
-- name: forget_digest_line
update digest_line set label = null where item_id in (select id from draft where prospect_id = $1
	union select id from review where prospect_id = $1 union select id from task where prospect_id = $1
	union select id from enrolment where prospect_id = $1)
