-- Statements about drafts.
-- name: draft_said
update draft set seen_subject = coalesce($2, seen_subject), seen_text = coalesce($3, seen_text),
	evidence = coalesce($4, evidence), missing = coalesce($5, missing), language = coalesce($6, language)
where id = $1
-- name: account_drafts_since
select coalesce(drafts_since, 0) from account where name = $1
-- name: account_drafts_work
update account set drafts = coalesce($2, drafts), drafts_error = null, drafts_since = null
where name = $1 and (drafts_error is not null or cast($2 as text) is not null and coalesce(drafts, '') <> $2)
-- name: account_drafts_fail
update account set drafts_error = $2, drafts_since = coalesce(drafts_since, $3) where name = $1
-- What is known of a person, and whether an earlier touch of this enrolment has said it already.
-- name: draft_points
select v.id, v.point, v.source, v.type, v.source_date, v.safe, v.review_required, v.reviewed,
	exists (select 1 from touch t where t.enrolment_id = $2 and t.sent_state <> 'taken_back'
		and t.evidence_ids like '%' || v.id || '%') as used
from evidence v where v.prospect_id = $1 order by v.created, v.id limit 200
-- name: draft_signals
select g.id, g.what, g.source, g.date, g.expires, g.retracted
from signal g where g.prospect_id = $1 and coalesce(g.kind, '') <> 'proposal_view' order by g.date desc, g.id limit 200
-- name: touch_evidence
update touch set evidence_ids = $2 where id = $1
-- name: brief_of
select id, content as content__j from brief where prospect_id = $1 order by created desc, id desc limit 1
-- name: brief_evidence
select point, source, type, source_date as date, safe, review_required, reviewed from evidence
where prospect_id = $1 order by created, id limit 200
-- What the milter asks: may this mail say what it says?
-- name: recall_points
select point, type from evidence where prospect_id = $1 order by created, id limit 60
-- name: brief_signals
select what, kind, source, date, expires, retracted from signal where prospect_id = $1 order by date desc, id limit 200
