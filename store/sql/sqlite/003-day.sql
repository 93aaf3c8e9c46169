-- The rep's day and the reviewer's. One part for each subject; a part refers only to those above it.

-- What a rep has sent today is counted for each mail, and whom they wrote to last is looked at: out of the index alone.
drop index touch_owner;
create index touch_owner on touch (owner_id, at, kind, sent_state, prospect_id);

-- ---- desk: decisions about what waits for a person, approvals, grants ----

-- What people decided, and what they had seen then.
create table decision (
	id text primary key,
	kind text not null, item text not null,	-- draft, review, task, enrolment, suppression
	decision text not null, argument text, because text,
	state text not null,			-- done, first (a second person has to say the same)
	text_hash text,				-- edit, cta: of the new text; approve: of the approved content
	by_whom text not null, via text not null,
	shown text, shown_at integer,
	at integer not null, seconds integer,	-- from shown to decided; null: not known
	enrolment_id text, prospect_id text, owner_id text, approval_id text,
	edit_ratio real,
	flag text,				-- bulk, fast
	before text, after text
) without rowid;
create index decision_item on decision (item, at);
create index decision_enrolment on decision (enrolment_id, at);
create index decision_by on decision (by_whom, at);
create index decision_at on decision (at);

-- Which card was shown to whom, first and last.
create table shown (
	item text not null, by_whom text not null, hash text not null,
	via text not null,
	at integer not null, last integer not null,
	primary key (item, by_whom, hash)
) without rowid;
create index shown_last on shown (last);

alter table approval add column draft_id text;
alter table approval add column scope text;	-- relent (it sends), owner (sends by hand)
alter table approval add column via text;
alter table approval add column first_by text;	-- of two persons, the one who said so first
alter table approval add column sender text;
alter table approval add column recipient text;
alter table approval add column void_because text;
create index approval_open on approval (expires) where used is null and void is null and expires is not null;
create index approval_draft on approval (draft_id) where draft_id is not null;

-- What lies in the Drafts folder now, where it is not what relent put there.
alter table draft add column seen_subject text;
alter table draft add column seen_text text;
-- Whose words it is made of, where it is not the template's.
alter table draft add column written_by text;
-- Two persons have to approve what goes there.
alter table prospect add column sensitive integer;
alter table company add column sensitive integer;

-- Things that wait are named by the ends of their ids.
create index desk_draft_end on draft (substr(id, 31));
create index desk_review_end on review (substr(id, 31));
create index desk_task_end on task (substr(id, 31));
create index desk_enrolment_end on enrolment (substr(id, 31));



-- ---- control: what reps and reviewers command by mail ----

-- One-click actions that were used: the second press of the same button does nothing again.
create table token_used (
	token text primary key,
	at integer not null, by_whom text not null, result text
) without rowid;
create index token_used_at on token_used (at);
-- Answers to commands by mail: an owner gets so many in an hour.
create table control_answer (
	owner_id text not null,
	at integer not null,
	times integer not null default 1,
	primary key (owner_id, at)
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
create index outbox_digest on outbox (owner_id, created) where state = 'digest';
create index note_promise on note (date) where kind = 'promise' and done is null;



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
-- How many automatic answers went out in the last hour.
create index approval_template on approval (decided) where decision = 'template';



-- ---- leads: lead mailboxes ----

-- Each mail that came to a lead mailbox and is somebody who asks for something, with all that was read from it. The
-- mail itself stays where it is; account, folder and uid say where.
create table lead (
	id text primary key,
	mail_key text not null,			-- Message-ID or fingerprint: the same mail twice is one
	source text not null,
	account text, folder text, uidvalidity integer, uid integer,
	message_id text, sender text, subject text,
	shape text not null,
	address text, campaign text, language text,
	fields text not null,			-- JSON
	request text, print text,		-- print: hash of address and words
	problem text,
	state text not null,			-- enrolled, kept (in no sequence), inquiry (of a known person),
						-- again (sent twice), review, rejected
	prospect_id text, enrolment_id text, owner_id text, review_id text,
	received integer not null, answer_by integer not null,
	decided integer, decided_by text, because text,
	created integer not null, updated integer not null
) without rowid;
create unique index lead_mail on lead (mail_key);
create index lead_address on lead (address, received);
create index lead_prospect on lead (prospect_id, received);
create index lead_enrolment on lead (enrolment_id) where enrolment_id is not null;
create index lead_received on lead (received);
create index lead_review on lead (review_id) where review_id is not null;
create index lead_end on lead (substr(id, 29));
create index lead_source on lead (source, created);
create index lead_owner on lead (owner_id, created) where owner_id is not null;
-- Whose turn it was last, by source and rule.
create table lead_turn (
	name text primary key,
	login text not null, at integer not null
) without rowid;



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
create index appointment_end on appointment (substr(id, 29));
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
create index review_prospect on review (prospect_id) where decided is null;
create index task_kind on task (prospect_id, kind);
create index brief_prospect on brief (prospect_id, created);
create index note_gate on note (prospect_id, date) where kind = 'gate' and done is null;



-- ---- drafts: drafts ----

-- what it rests on, what nobody has filled, and the language of its template
alter table draft add column evidence text;
alter table draft add column missing text;
alter table draft add column language text;
-- where drafts go and how that was found; why they cannot be put there, and since when
alter table account add column drafts text;
alter table account add column drafts_error text;
alter table account add column drafts_since integer;
-- what kind of thing a point is about
alter table evidence add column kind text;
-- what kind of event a signal is
alter table signal add column kind text;

-- ---- what a follow-up rests on: desk ----

-- as they were told or imported: how well they fit, how much they want it, how often they bought before
alter table prospect add column fit text;
alter table prospect add column intent text;
alter table prospect add column deals integer;
-- how they like to be reached, and how much time there is
alter table prospect add column preferred_channel text;
alter table prospect add column urgency text;








-- ---- hosts: several watchers on one database ----
alter table outbox add column taken_by text;	-- the watcher that is at it (leases.h)

-- ---- scale: many hosts, many mailboxes, large stores ----

-- hosts
-- Counts how often a row was taken: whoever slept while another took it finds out in the transaction it wants to act in.
alter table outbox add column epoch integer not null default 0;
alter table lease add column since integer;	-- when this holder got it
alter table lease add column skew integer;	-- watcher: how many seconds its clock is ahead of the database's


-- mailboxes
create index owner_address_owner on owner_address (owner_id);	-- with thousands of owners each look-up walked through all
create index outbox_work on outbox (not_before) where state in ('waiting', 'taken') and kind not in ('notify', 'mail');


-- large
-- Where a walk through a large table in small steps has got to: retention, verify.
create table walk (
	name text primary key,
	at integer not null,			-- seq or time
	ref text, hash text,
	updated integer not null
) without rowid;
create index event_of_prospect on event (entity_id) where entity = 'prospect';
create index prospect_end on prospect (substr(id, 31));
create index prospect_merged on prospect (merged_into) where merged_into is not null;
-- Who asks to be forgotten is found without reading everybody.
create index event_lead on event (entity_id) where entity = 'lead';
create index draft_prospect on draft (prospect_id);
create index approval_prospect on approval (prospect_id);
create index decision_prospect on decision (prospect_id) where prospect_id is not null;
create index review_person on review (prospect_id);
create index review_thread on review (enrolment_id) where enrolment_id is not null;
create index task_thread on task (enrolment_id) where enrolment_id is not null;
create index heard_address on heard (address);
create index refusal_recipient on refusal (recipient) where recipient is not null;


-- speed
-- Each index of touch is a page more to write for each mail that goes out. A recipient's touches are few (touch_recipient),
-- and Message-IDs are looked up in message_ref.
drop index touch_fingerprint;
drop index touch_message;
-- In the order that they are asked for: sorting a handful of rows costs more than finding them.
drop index source_prospect;
create index source_prospect on source (prospect_id, created);
drop index evidence_prospect;
create index evidence_prospect on evidence (prospect_id, created);
drop index proposal_prospect;
create index proposal_prospect on proposal (prospect_id, created);
