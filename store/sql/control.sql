-- Statements about what reps and reviewers command by mail.
-- name: control_owners
select login, name from owner where active = 1 order by login
-- One mail is obeyed once, also if the client sends it again.
-- name: control_once
insert into token_used (token, at, by_whom) values ($1, $2, $3) on conflict (token) do nothing
-- name: control_token
select at, result from token_used where token = $1
-- name: control_token_use
insert into token_used (token, at, by_whom, result) values ($1, $2, $3, $4) on conflict (token) do nothing
-- name: control_answers
select coalesce(sum(times), 0) as n from control_answer where owner_id = $1 and at > $2
-- name: control_answered
insert into control_answer (owner_id, at) values ($1, $2)
on conflict (owner_id, at) do update set times = control_answer.times + 1
-- name: control_answers_old
delete from control_answer where owner_id = $1 and at < $2
-- name: control_tokens_old
delete from token_used where at < $1
-- Whose a line of a list is.
-- name: control_item
select e.prospect_id, e.id as enrolment_id, e.owner_id from draft d join enrolment e on e.id = d.enrolment_id
where d.id = $1
union all
select r.prospect_id, r.enrolment_id, r.owner_id from review r where r.id = $1
union all
select t.prospect_id, t.enrolment_id, t.owner_id from task t where t.id = $1
union all
select e.prospect_id, e.id as enrolment_id, e.owner_id from enrolment e where e.id = $1
-- Whose a person is, and whether this owner ($2) has or had them in a sequence.
-- name: control_person
select p.owner_id, (select count(*) from enrolment e where e.prospect_id = p.id and e.owner_id = $2) as mine
from prospect p where p.id = $1
