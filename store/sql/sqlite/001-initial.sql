-- The first schema. Ids are time-ordered UUIDs as text, times UTC seconds, JSON in text columns.
-- Names of states, events and classes are stored, never numbers.

create table meta (key text primary key, value text not null) without rowid;

create table owner (
	id text primary key,
	login text not null unique,
	name text,
	zone text,
	signature text,
	manager text,
	active integer not null default 1,
	away_from integer, away_until integer, hand_over_to text,
	created integer not null, updated integer not null
) without rowid;
create table owner_address (
	address text primary key,
	owner_id text not null references owner (id)
) without rowid;
create table authority_grant (
	id text primary key,
	owner_id text not null references owner (id),
	sequence text not null,
	authority text not null,
	template text,
	granted_by text not null, because text not null,
	expires integer, revoked integer, revoked_by text,
	created integer not null, updated integer not null
) without rowid;

create table company (
	id text primary key,
	name text not null,
	client text, size text, industry text, location text,
	exclusions text, notes text,
	created integer not null, updated integer not null
) without rowid;
create index company_name on company (name);
create table company_domain (
	domain text primary key,
	company_id text not null references company (id)
) without rowid;

create table prospect (
	id text primary key,
	owner_id text references owner (id),
	company_id text references company (id),
	name text, first_name text, last_name text,
	role text, phone text, profile text, location text, zone text, language text,
	client text, crm_record text, previous_contact text,
	identity_status text not null default 'unverified',
	identity_confidence real,
	relationship text,
	priority text not null default 'two',
	qualification text,			-- JSON: the qualification record
	qualification_status text,
	score real, score_reasons text,
	signal text, workflow text, asset text, mini_case text, question text,	-- first action record
	stage text not null default 'new',
	stage_reason text, stage_since integer,
	next_action text, next_action_at integer,
	opportunity_value real, outcome text,
	permission_channels text,
	merged_into text,
	created integer not null, updated integer not null
) without rowid;
create index prospect_owner on prospect (owner_id);
create index prospect_company on prospect (company_id);
create table prospect_address (
	address text primary key,		-- normalised
	prospect_id text not null references prospect (id),
	kind text not null default 'alias',	-- primary, alias
	domain text not null,			-- registrable
	added integer not null
) without rowid;
create index prospect_address_prospect on prospect_address (prospect_id);
create index prospect_address_domain on prospect_address (domain);

create table source (
	id text primary key,
	prospect_id text not null references prospect (id),
	kind text not null,
	url text, captured integer not null, source_owner text,
	permission text not null,
	visibility text, method text, permitted_use text, compliance text, jurisdiction text,
	created integer not null, updated integer not null
) without rowid;
create index source_prospect on source (prospect_id);

create table evidence (
	id text primary key,
	prospect_id text not null references prospect (id),
	point text not null,
	source text not null, source_date integer,
	type text not null,
	confidence real, relevance text,
	safe integer not null default 0,
	review_required integer not null default 1,
	reviewed_by text, reviewed integer,
	created integer not null, updated integer not null
) without rowid;
create index evidence_prospect on evidence (prospect_id);

create table signal (
	id text primary key,
	prospect_id text not null references prospect (id),
	what text not null, source text not null, date integer not null,
	relevance text, confidence real, offer_relation text, permission_context text,
	recommended_action text, expires integer, retracted integer,
	created integer not null, updated integer not null
) without rowid;
create index signal_prospect on signal (prospect_id);

create table brief (
	id text primary key,
	prospect_id text not null references prospect (id),
	content text not null,			-- JSON, internal
	created integer not null, updated integer not null
) without rowid;
create table note (
	id text primary key,
	prospect_id text not null references prospect (id),
	kind text not null default 'note',	-- note, promise, gate
	text text not null, date integer, done integer,
	created integer not null, updated integer not null
) without rowid;
create index note_prospect on note (prospect_id);

create table sequence (
	id text primary key,
	name text not null,
	version integer not null,
	hash text not null,
	source text not null,
	created integer not null, created_by text,
	retired integer,
	unique (name, version)
) without rowid;
create table step (
	sequence_id text not null references sequence (id),
	number integer not null,
	day integer, minutes integer,
	channel text not null, job text not null, type text not null,
	template text, subject text, text text,
	primary key (sequence_id, number)
) without rowid;

create table enrolment (
	id text primary key,
	prospect_id text not null references prospect (id),
	owner_id text not null references owner (id),
	sequence_id text not null references sequence (id),
	state text not null,
	step integer not null default 0,
	touches integer not null default 0,
	started integer not null,
	last_touch integer not null default 0,
	due integer not null default 0,
	zone text not null,
	holds integer not null default 0,
	held_since integer not null default 0,
	pause_reason text, pause_words text,
	resume_state text, resume_due integer not null default 0,
	reason text,
	away_count integer not null default 0,
	soft_bounces integer not null default 0,
	soft_bounce_first integer not null default 0,
	send_failures integer not null default 0,
	draft_out integer not null default 0,
	prev_state text, prev_step integer not null default 0,
	prev_due integer not null default 0, prev_last_touch integer not null default 0,
	review_note text,
	thread_subject text,
	version integer not null default 0,
	created integer not null, updated integer not null
) without rowid;
create index enrolment_prospect on enrolment (prospect_id);
create index enrolment_owner on enrolment (owner_id, state);
create index enrolment_due on enrolment (due) where due > 0
	and holds = 0 and state in ('not_started','researching','drafting','sent','waiting','follow_up_due','parked',
		'appointment_proposed');
create index enrolment_held on enrolment (held_since) where holds > 0;
-- a prospect is in one live enrolment at a time
create unique index enrolment_live on enrolment (prospect_id)
	where state in ('not_started','researching','drafting','awaiting_approval','ready_to_send','sent',
		'waiting','follow_up_due','appointment_proposed','parked');

create table hold (
	enrolment_id text not null references enrolment (id),
	mail_key text not null,			-- Message-ID or fingerprint
	since integer not null,
	cleared integer,			-- a row stays: the mail had its one event
	primary key (enrolment_id, mail_key)
) without rowid;

create table touch (
	id text primary key,
	enrolment_id text references enrolment (id),
	prospect_id text references prospect (id),
	owner_id text not null references owner (id),
	company_id text, source_id text, permission text, offer text,
	channel text not null default 'email',
	kind text not null,			-- touch, manual, conversation, outreach
	step integer not null default 0,
	message_type text,
	recipient text not null,
	message_id text, fingerprint text, refs text,
	subject text, final_text text, drafted_text text, draft_id text,
	edit_ratio real,
	evidence_ids text, cta text, flags text,
	approval_status text, approval_id text, approver text,
	sent_state text not null,		-- accepted queued delivered deferred bounced expired taken_back
	at integer not null,			-- accepted by the milter
	queued_at integer, delivered_at integer,
	queue_id text, host text,
	provider_result text,
	reply_status text, outcome text, next_action text,
	suppression_status text,
	envelope_id text,
	observed integer not null default 0,
	updated integer not null
) without rowid;
create index touch_enrolment on touch (enrolment_id, at);
create index touch_prospect on touch (prospect_id, at);
create index touch_recipient on touch (recipient, at);
create index touch_owner on touch (owner_id, at);
create index touch_message on touch (message_id);
create index touch_fingerprint on touch (owner_id, recipient, fingerprint);
create index touch_queue on touch (queue_id);
create index touch_envelope on touch (envelope_id) where envelope_id is not null;
create index touch_unsettled on touch (at) where sent_state = 'accepted';
create index touch_token on touch (substr(replace(id, '-', ''), 1, 20));
-- the same mail again is the same touch, whatever kills us (I1, I2)
create unique index touch_once on touch (owner_id, recipient, message_id)
	where message_id is not null and sent_state <> 'taken_back';
create unique index touch_once_print on touch (owner_id, recipient, fingerprint)
	where message_id is null and fingerprint is not null and sent_state <> 'taken_back';

-- Every Message-ID of a thread, ours and theirs: what references are looked up in.
create table message_ref (
	message_id text not null,
	kind text not null,			-- touch, draft, reply, ours
	ref_id text not null,			-- touch, draft or reply id
	enrolment_id text, prospect_id text, owner_id text,
	at integer not null,
	primary key (message_id, kind, ref_id)
) without rowid;
create index message_ref_prospect on message_ref (prospect_id, kind);

create table draft (
	id text primary key,
	enrolment_id text not null references enrolment (id),
	owner_id text not null, prospect_id text not null,
	step integer not null,
	account text, folder text,
	uidvalidity integer not null default 0, uid integer not null default 0,
	message_id text, recipient text, subject text, text text, refs text,
	state text not null,
	made integer not null, gone_since integer, updated integer not null
) without rowid;
create index draft_enrolment on draft (enrolment_id, step);
create index draft_message on draft (message_id);
create index draft_out on draft (account) where state in ('wanted','placed','edited','gone');
-- never two drafts for one touch
create unique index draft_once on draft (enrolment_id, step) where state in ('wanted','placed','edited','gone');

create table reply (
	id text primary key,
	enrolment_id text, prospect_id text, owner_id text, touch_id text,
	mail_key text not null,
	message_id text, sender text, subject text,
	received integer not null,
	account text, folder text, uid integer,
	kind text not null, subkind text, class text not null, confidence real,
	stop integer, suppress integer,
	evidence text, date text, addresses text, recipients text,
	visible text, language text,
	matched_by text not null, grade text not null, authenticated integer not null default 0,
	colleague integer not null default 0,
	event text,
	reviewed_class text, reviewed_by text, reviewed integer,
	created integer not null
) without rowid;
create unique index reply_once on reply (mail_key, coalesce(enrolment_id, ''), coalesce(prospect_id, ''));
create index reply_enrolment on reply (enrolment_id, received);
create index reply_prospect on reply (prospect_id, received);
create index reply_received on reply (received);

create table suppression (
	id text primary key,
	kind text not null,			-- address, domain, company, hash
	subject text not null,
	scope text not null, scope_arg text,
	reason text not null,
	evidence text, owner_id text, prospect_id text,
	created integer not null, created_by text,
	expires integer, lifted integer, lifted_by text, lifted_because text, consent text
) without rowid;
create index suppression_subject on suppression (subject);
create unique index suppression_active on suppression (subject, kind, scope, coalesce(scope_arg, ''), reason)
	where lifted is null;

create index suppression_prospect on suppression (prospect_id);

create table approval (
	id text primary key,
	owner_id text, enrolment_id text, prospect_id text, step integer,
	content_hash text not null,
	decision text not null,
	by_whom text not null, because text,
	shown text, shown_hash text, shown_at integer,
	decided integer not null,
	expires integer, used integer, void integer
) without rowid;
create index approval_hash on approval (content_hash);
create index approval_enrolment on approval (enrolment_id, step);

create table task (
	id text primary key,
	owner_id text, prospect_id text, enrolment_id text,
	kind text not null,
	text text not null,
	step integer, channel text,
	due integer, done integer, done_by text, outcome text,
	created integer not null, updated integer not null
) without rowid;
create index task_enrolment on task (enrolment_id) where done is null;
create index task_open on task (owner_id, due) where done is null;

create table review (
	id text primary key,
	enrolment_id text, prospect_id text, owner_id text, reply_id text, draft_id text,
	kind text not null,			-- reply, unknown, weak_bounce, forged, away, draft_deleted, crash, ...
	reason text not null,
	created integer not null,
	decided integer, decision text, decided_by text, because text
) without rowid;
create index review_enrolment on review (enrolment_id) where decided is null;
create index review_open on review (owner_id, created) where decided is null;

create table proposal (
	id text primary key,
	prospect_id text not null references prospect (id),
	enrolment_id text, touch_id text, owner_id text,
	version integer not null default 1,
	state text not null default 'sent',
	date integer not null, expires integer,
	content text not null,			-- JSON: scope, price, problem, outcome, objections, ...
	created integer not null, updated integer not null
) without rowid;
create table appointment (
	id text primary key,
	prospect_id text not null references prospect (id),
	enrolment_id text, owner_id text, reply_id text,
	uid text, starts integer, ends integer, zone text,
	state text not null,			-- proposed, booked, cancelled, held, no_show
	quality text, evidence text not null,
	created integer not null, updated integer not null
) without rowid;

create index appointment_prospect on appointment (prospect_id);
create index proposal_prospect on proposal (prospect_id);

create table account (
	name text primary key,
	owner_id text,
	state text not null,			-- connecting, idle, polling, failing, parked, removed
	last_ok integer, last_error text, failing_since integer, reported integer,
	updated integer not null
) without rowid;
create index account_owner on account (owner_id);
create table position (
	account text not null, folder text not null,
	uidvalidity integer not null, uid integer not null, modseq integer not null default 0,
	updated integer not null,
	primary key (account, folder)
) without rowid;
create table lease (
	name text primary key, holder text not null, expires integer not null
) without rowid;

create table outbox (
	id text primary key,
	kind text not null,
	key text not null unique,
	owner_id text, account text, enrolment_id text, draft_id text,
	payload text not null,
	state text not null default 'waiting',	-- waiting, taken, done, dead, cancelled, digest
	attempts integer not null default 0,
	not_before integer not null, taken_until integer,
	last_error text,
	created integer not null, done integer
) without rowid;
create index outbox_waiting on outbox (not_before) where state in ('waiting','taken');
create index outbox_enrolment on outbox (enrolment_id);
create index outbox_draft on outbox (draft_id);

-- What the MTA's log said of a queue id that we may not know yet.
create table mta_mail (
	host text not null, queue_id text not null,
	message_id text, first_seen integer not null,
	queued integer, rejected integer, removed integer, words text,
	primary key (host, queue_id)
) without rowid;
create index mta_mail_seen on mta_mail (first_seen);
create index mta_mail_message on mta_mail (message_id);

create table refusal (
	id text primary key,
	at integer not null,
	login text, owner_id text, recipient text,
	rule text not null, mode text not null, code integer, text text, fact text,
	overridden integer not null default 0,
	observed integer not null default 0,
	message_id text, queue_id text
) without rowid;
create index refusal_at on refusal (at);

-- Append-only. seq is the commit order of this database; the chain is made after the commit, so
-- that writers do not queue up behind it. payload may be erased; payload_hash stays.
create table event (
	seq integer primary key autoincrement,
	id text not null unique,
	at integer not null,
	host text, program text, actor text not null,
	kind text not null,
	entity text not null, entity_id text,
	enrolment_id text, prospect_id text,
	payload text,
	payload_hash text not null
);
create index event_enrolment on event (enrolment_id, seq);
create index event_prospect on event (prospect_id, seq);
create index event_at on event (at);
create index event_suppression on event (entity_id) where entity = 'suppression';
create index event_touch on event (seq) where entity = 'touch' and kind = 'accepted';
create table seal (
	seq integer primary key references event (seq),
	hash text not null
);
create trigger event_no_delete before delete on event
begin select raise(abort, 'events are never deleted'); end;
create trigger event_no_update before update of seq, id, at, host, program, actor, kind, entity,
	entity_id, enrolment_id, prospect_id, payload_hash on event
begin select raise(abort, 'events are never changed'); end;
