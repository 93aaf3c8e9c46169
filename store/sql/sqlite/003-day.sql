-- The rep's day and the reviewer's. One part for each subject; a part refers only to those above it.

-- ---- desk: decisions about what waits for a person, approvals, grants ----



-- ---- control: what reps and reviewers command by mail ----

-- One-click actions that were used: the second press of the same button does nothing again.
create table token_used (
	token text primary key,
	at integer not null, by_whom text not null, result text
) without rowid;



-- ---- digest: the digest, hand-off notes, review cards ----



-- ---- send: sending what was approved ----



-- ---- leads: lead mailboxes ----



-- ---- calendar: appointments and tasks on other channels ----



-- ---- pipeline: proposals, stages, next actions, escalation, absence, reactivation ----



-- ---- drafts: drafts ----
