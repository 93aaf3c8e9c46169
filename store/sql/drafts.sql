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
