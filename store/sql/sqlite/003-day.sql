-- The rep's day and the reviewer's. One part for each subject; a part refers only to those above it.

-- ---- desk: decisions about what waits for a person, approvals, grants ----



-- ---- control: what reps and reviewers command by mail ----

-- One-click actions that were used: the second press of the same button does nothing again.
create table token_used (
	token text primary key,
	at integer not null, by_whom text not null, result text
) without rowid;



-- ---- digest: the digest, hand-off notes, review cards ----

-- What was mailed to a person, and its numbered lines: what a token or `approve 3` in an answer means.
create table digest_list (
	id text primary key,
	ref text unique,			-- the first part of its tokens; null: it has none
	kind text not null,			-- digest, note, weekly
	key text not null unique,		-- one for an owner and a day, one for an outbox row
	owner_id text,
	made integer not null, sent integer, expires integer not null
) without rowid;
create index digest_list_owner on digest_list (owner_id, kind, made);
create index digest_list_ended on digest_list (expires);
create table digest_line (
	list_id text not null references digest_list (id),
	number integer not null,
	kind text not null,			-- draft, review, task, enrolment ...
	item_id text not null,
	label text, shown text,			-- shown: hash of what the person saw of it
	actions text not null,			-- each in a line: verb, argument, reason, by tabs
	primary key (list_id, number)
) without rowid;
create index digest_line_item on digest_line (item_id);



-- ---- send: sending what was approved ----

-- One row for each approved mail that relent hands over: what exactly, under which Message-ID, and how far it got.
-- It is handed over again only while state is 'prepared': then it is known that nobody took it.
create table send (
	id text primary key,			-- of its outbox row
	enrolment_id text not null, owner_id text not null, prospect_id text not null,
	draft_id text not null, approval_id text not null, step integer not null,
	message_id text not null,
	sender text not null, recipient text not null,
	content_hash text not null,
	mail text,				-- every byte; null once a copy lies in the rep's Sent folder
	state text not null,			-- prepared, ended (the end of the text may have left), sent, refused,
						-- unsure (nothing says what became of it), void
	prepared integer not null, ended integer, settled integer,
	touch_id text, words text
) without rowid;
create index send_message on send (message_id);
create index send_enrolment on send (enrolment_id);
create index send_unsure on send (ended) where state = 'unsure';
-- Words that a person approved in place of the draft's own.
create table approved_text (
	content_hash text primary key,
	subject text not null, text text not null,
	at integer not null
) without rowid;



-- ---- leads: lead mailboxes ----



-- ---- calendar: appointments and tasks on other channels ----

-- One appointment is one event of a calendar: uid and, for one day of a series, its recurrence.
alter table appointment add column sequence integer not null default 0;
alter table appointment add column recurrence text;
alter table appointment add column stamp integer;		-- DTSTAMP of what was last believed
alter table appointment add column direction text;		-- ours, theirs, link, person
alter table appointment add column all_day integer not null default 0;
alter table appointment add column summary text;
alter table appointment add column place text;
alter table appointment add column organizer text;
alter table appointment add column attendees text;		-- blank-separated
alter table appointment add column confirmed integer;		-- when it became booked, and on whose word
alter table appointment add column confirmed_by text;
alter table appointment add column counter integer;		-- the time that was proposed instead
alter table appointment add column because text;
alter table appointment add column asked integer;		-- "did it take place?" is a task since
alter table appointment add column reminded integer;
create index appointment_uid on appointment (uid) where uid is not null;
create index appointment_over on appointment (ends) where state = 'booked' and asked is null;
create index appointment_ahead on appointment (starts) where state = 'booked' and reminded is null;

-- A voice note is read through by a person before it counts: who, and when.
alter table task add column reviewed integer;
alter table task add column reviewed_by text;
alter table task add column appointment_id text;
create index task_prospect on task (prospect_id) where done is null;
create index task_end on task (substr(id, 29));

-- Where people book an hour with this rep themselves.
alter table owner add column booking_link text;



-- ---- pipeline: proposals, stages, next actions, escalation, absence, reactivation ----
alter table owner add column away_source text;	-- person, mail, sieve
-- What a proposal said before it was changed.
create table proposal_version (
	proposal_id text not null references proposal (id),
	version integer not null,
	state text not null, date integer not null, expires integer,
	content text not null,
	at integer not null, by_whom text,
	primary key (proposal_id, version)
) without rowid;
create index proposal_open on proposal (expires) where expires is not null
	and state not in ('accepted','rejected','expired');
create index proposal_state on proposal (state, created);
-- Live enrolments that a stand-in has while their owner is away.
create table handover (
	enrolment_id text not null references enrolment (id),
	at integer not null,
	from_owner text not null, to_owner text not null,
	until integer not null,
	ended integer, outcome text,
	primary key (enrolment_id, at)
) without rowid;
create index handover_open on handover (until) where ended is null;
create index handover_from on handover (from_owner) where ended is null;
-- Hand-offs that nobody acted on: who was told of it, each level once.
create table escalation (
	subject text not null,			-- id of the review, or of the enrolment's event
	level integer not null,			-- 1 the owner, 2 the manager
	at integer not null, told text not null, prospect_id text,
	primary key (subject, level)
) without rowid;
create index escalation_at on escalation (at);
alter table prospect add column reactivated integer;	-- when its one reactivation was offered
create index prospect_stage on prospect (stage, stage_since);
create index enrolment_answered on enrolment (updated)
	where state in ('reply_received','human_review','booked');
create index note_gate on note (prospect_id, date) where kind = 'gate' and done is null;



-- ---- drafts: drafts ----
