-- Statements about appointments and tasks on other channels.

-- ---- tasks ----
-- name: tasks_of_owner
select t.id, t.kind, t.text, t.channel, t.step, t.owner_id, o.login, t.prospect_id, t.enrolment_id, t.appointment_id,
	t.due, t.created, t.done, t.done_by, t.outcome, t.reviewed, t.reviewed_by, p.name, p.phone, p.profile, c.name,
	(select x.address from prospect_address x where x.prospect_id = t.prospect_id
	 order by case x.kind when 'primary' then 0 else 1 end, x.address limit 1), q.name
from task t left join owner o on o.id = t.owner_id left join prospect p on p.id = t.prospect_id
left join company c on c.id = p.company_id left join enrolment e on e.id = t.enrolment_id
left join sequence q on q.id = e.sequence_id
where t.owner_id = $1 and t.done is null and coalesce(t.due, 0) <= $2
order by coalesce(t.due, t.created), t.id limit $3
-- name: task_get
select t.id, t.kind, t.text, t.channel, t.step, coalesce(t.owner_id, p.owner_id), o.login, t.prospect_id,
	t.enrolment_id, t.appointment_id,
	t.due, t.created, t.done, t.done_by, t.outcome, t.reviewed, t.reviewed_by, p.name, p.phone, p.profile, c.name,
	(select x.address from prospect_address x where x.prospect_id = t.prospect_id
	 order by case x.kind when 'primary' then 0 else 1 end, x.address limit 1), q.name
from task t left join owner o on o.id = t.owner_id left join prospect p on p.id = t.prospect_id
left join company c on c.id = p.company_id left join enrolment e on e.id = t.enrolment_id
left join sequence q on q.id = e.sequence_id
where t.id = $1
-- name: task_find
select id from task where id = $1
union select id from task where substr(id, 29) = $1
union select id from task where done is null
	and (substr(id, 1, length($1)) = $1 or substr(id, 37 - length($1)) = $1)
limit 3
-- name: task_steps_open
select id, step, channel from task where enrolment_id = $1 and done is null and step is not null and channel is not null
order by step
-- name: touch_on_channel
insert into touch (id, enrolment_id, prospect_id, owner_id, company_id, source_id, permission, channel, kind, step,
	recipient, final_text, drafted_text, sent_state, at, outcome, sequence, updated)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'delivered', $14, $15, $16, $17)
-- name: enrolment_answered
select e.id, e.owner_id from enrolment e where e.prospect_id = $1
order by case when e.state in ('not_started', 'researching', 'drafting', 'awaiting_approval', 'ready_to_send', 'sent',
		'waiting', 'follow_up_due', 'appointment_proposed', 'parked') then 0 else 1 end, e.created desc, e.id desc
limit 1
-- name: channel_warm
select 1 from reply where prospect_id = $1 and kind = 'human'
union all
select 1 from source where prospect_id = $1 and kind in ('inbound_form', 'inbound_mail', 'referral', 'client_list',
	'partner', 'previous_conversation')
limit 1
-- name: channel_evidence
select point from evidence where prospect_id = $1 and safe = 1 and type in ('verified_fact', 'public_observation')
	and (review_required = 0 or reviewed is not null) order by created desc limit 1

-- ---- appointments ----
-- name: owner_booking_link
select booking_link from owner where id = $1
-- name: booking_task_open
select id from task where prospect_id = $1 and kind in ('qualify', 'offer_appointment') and done is null limit 1
-- name: booking_interest
select 1 from reply where prospect_id = $1 and kind in ('human', 'calendar')
	and coalesce(reviewed_class, class) in ('interested', 'question', 'booked')
limit 1
-- name: appointment_get
select a.id, a.prospect_id, a.enrolment_id, coalesce(a.owner_id, p.owner_id), a.reply_id, a.uid, a.recurrence,
	a.sequence, a.stamp, a.starts, a.ends, a.zone, a.all_day, a.state, a.quality, a.direction, a.evidence, a.summary,
	a.place, a.organizer, a.attendees, a.because, a.confirmed, a.confirmed_by, a.counter,
	(select x.address from prospect_address x where x.prospect_id = a.prospect_id
	 order by case x.kind when 'primary' then 0 else 1 end, x.address limit 1), p.name, o.login, o.zone, p.zone
from appointment a join prospect p on p.id = a.prospect_id left join owner o on o.id = coalesce(a.owner_id, p.owner_id)
where a.id = $1
-- name: appointment_find
select id from appointment where id = $1
union select id from appointment where length($1) >= 6 and substr(id, 37 - length($1)) = $1
limit 3
-- name: appointment_by_uid
select id from appointment where uid = $1 and prospect_id = $2
	and (coalesce(recurrence, '') = coalesce($3, '') or recurrence is null)
order by case when coalesce(recurrence, '') = coalesce($3, '') then 0 else 1 end, created desc limit 1
-- name: appointment_of_prospect
select id from appointment where prospect_id = $1
order by case when state in ('booked', 'rescheduled') then 0 when state = 'proposed' then 1 else 2 end, created desc, id desc
limit 1
-- name: appointment_at
select id from appointment where prospect_id = $1 and starts = $2 and state in ('proposed', 'rescheduled', 'booked')
order by created desc limit 1
-- name: appointment_linked
select id from appointment where prospect_id = $1 and direction = 'link' and state in ('proposed', 'rescheduled', 'booked')
order by starts desc, id desc limit 1
-- name: appointments_over
select id from appointment where state = 'booked' and asked is null and ends < $1 order by ends limit $2
-- name: appointments_ahead
select id from appointment where state = 'booked' and reminded is null and starts > $1 and starts <= $2
order by starts limit $3
-- name: appointment_asked
update appointment set asked = $2, updated = $2 where id = $1
-- name: appointment_reminded
update appointment set reminded = $2, updated = $2 where id = $1
-- name: appointment_again
update appointment set asked = null, reminded = null, updated = $2 where id = $1
-- name: tasks_of_appointment
select id, kind from task where prospect_id = $1 and appointment_id = $2 and done is null
-- name: match_calendar
select e.id, a.prospect_id, coalesce(e.owner_id, a.owner_id), e.state, null, null, null, a.created, a.created, null
from appointment a left join enrolment e on e.id = a.enrolment_id
where a.uid = $1 and (coalesce(e.owner_id, a.owner_id) = $2 or cast($2 as text) is null)
order by a.created desc limit 16
-- name: match_booking
select e.id, x.prospect_id, coalesce(e.owner_id, p.owner_id), e.state, null, x.address, null,
	coalesce(e.last_touch, p.created), p.created, null
from prospect_address x join prospect p on p.id = x.prospect_id left join enrolment e on e.prospect_id = x.prospect_id
where x.address = $1 and (coalesce(e.owner_id, p.owner_id) = $2 or cast($2 as text) is null)
order by e.created desc limit 16
-- name: appointment_booked
select id from appointment where prospect_id = $1 and state in ('booked', 'rescheduled') limit 1

-- ---- relentctl ----
-- name: ctl_appointments
select a.id, substr(a.id, 29) as short, a.starts as starts__t, a.ends as ends__t, a.zone, a.state, a.quality, o.login as owner,
	(select x.address from prospect_address x where x.prospect_id = a.prospect_id
		order by x.kind desc, x.added limit 1) as email,
	a.summary, a.place, a.evidence, a.direction, a.counter as counter__t, a.confirmed as confirmed__t, a.uid
from appointment a left join owner o on o.id = a.owner_id
where ($1 <> 0 or cast($2 as text) is not null or (a.state in ('proposed', 'booked', 'rescheduled')
	and coalesce(a.starts, $4) >= $4))
	and (cast($2 as text) is null or a.state = $2) and (cast($3 as text) is null or o.login = $3)
order by coalesce(a.starts, a.created), a.id limit $5
-- name: ctl_appointment_rates
select o.login as owner, q.name as sequence, count(*) as proposed,
	sum(case when a.confirmed is not null then 1 else 0 end) as booked,
	sum(case when a.confirmed is not null and a.quality = 'qualified' then 1 else 0 end) as qualified,
	sum(case when a.state = 'cancelled' then 1 else 0 end) as cancelled,
	sum(case when a.state = 'show' then 1 else 0 end) as show, sum(case when a.state = 'no_show' then 1 else 0 end) as no_show
from appointment a left join owner o on o.id = a.owner_id left join enrolment e on e.id = a.enrolment_id
left join sequence q on q.id = e.sequence_id
where a.created >= $1
group by o.login, q.name
order by 5 desc, 4 desc, 1, 2
