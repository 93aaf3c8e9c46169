-- A store of schema version 1, as 'sqlite3 relent.db .dump' gives it: a touch out, its follow-up due,
-- a suppression, a sealed log. Later programs must bring it up to date and find it true.
pragma application_id = 1380732500;
pragma user_version = 1;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE meta (key text primary key, value text not null) without rowid;
CREATE TABLE owner (
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
INSERT INTO owner VALUES('019cadc6-9a80-73cb-9f92-8d4fc9ebd7d0','rita','Rita Rep','Europe/Berlin',NULL,NULL,1,NULL,NULL,NULL,1772442000,1772442000);
INSERT INTO owner VALUES('019cadc6-9a80-73cb-9f9a-347dae96f0fe','bob','Bob Rep',NULL,NULL,NULL,1,NULL,NULL,NULL,1772442000,1772442000);
CREATE TABLE owner_address (
	address text primary key,
	owner_id text not null references owner (id)
) without rowid;
INSERT INTO owner_address VALUES('bob@rep.example','019cadc6-9a80-73cb-9f9a-347dae96f0fe');
INSERT INTO owner_address VALUES('rita@rep.example','019cadc6-9a80-73cb-9f92-8d4fc9ebd7d0');
CREATE TABLE authority_grant (
	id text primary key,
	owner_id text not null references owner (id),
	sequence text not null,
	authority text not null,
	template text,
	granted_by text not null, because text not null,
	expires integer, revoked integer, revoked_by text,
	created integer not null, updated integer not null
) without rowid;
CREATE TABLE company (
	id text primary key,
	name text not null,
	client text, size text, industry text, location text,
	exclusions text, notes text,
	created integer not null, updated integer not null
) without rowid;
INSERT INTO company VALUES('019cadc6-9a80-73cb-9fa1-53477aad4c23','Buyer Ltd',NULL,NULL,NULL,NULL,NULL,NULL,1772442000,1772442000);
CREATE TABLE company_domain (
	domain text primary key,
	company_id text not null references company (id)
) without rowid;
INSERT INTO company_domain VALUES('buyer.example','019cadc6-9a80-73cb-9fa1-53477aad4c23');
CREATE TABLE prospect (
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
INSERT INTO prospect VALUES('019cadc6-9a80-73cb-9fa7-7375686c906e','019cadc6-9a80-73cb-9f92-8d4fc9ebd7d0','019cadc6-9a80-73cb-9fa1-53477aad4c23','Ann Buyer','Ann',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'unverified',NULL,NULL,'two',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'contacted','touch (event 019cadc6-9a80-73cb-9fb3-e6af56fd4624)',1772442000,NULL,NULL,NULL,NULL,NULL,NULL,1772442000,1772442000);
CREATE TABLE prospect_address (
	address text primary key,		-- normalised
	prospect_id text not null references prospect (id),
	kind text not null default 'alias',	-- primary, alias
	domain text not null,			-- registrable
	added integer not null
) without rowid;
INSERT INTO prospect_address VALUES('ann@buyer.example','019cadc6-9a80-73cb-9fa7-7375686c906e','primary','buyer.example',1772442000);
CREATE TABLE source (
	id text primary key,
	prospect_id text not null references prospect (id),
	kind text not null,
	url text, captured integer not null, source_owner text,
	permission text not null,
	visibility text, method text, permitted_use text, compliance text, jurisdiction text,
	created integer not null, updated integer not null
) without rowid;
INSERT INTO source VALUES('019cadc6-9a80-73cb-9faa-180acdb24a02','019cadc6-9a80-73cb-9fa7-7375686c906e','research','https://x.example/',1772442000,NULL,'legitimate_interest',NULL,NULL,NULL,NULL,NULL,1772442000,1772442000);
CREATE TABLE evidence (
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
CREATE TABLE signal (
	id text primary key,
	prospect_id text not null references prospect (id),
	what text not null, source text not null, date integer not null,
	relevance text, confidence real, offer_relation text, permission_context text,
	recommended_action text, expires integer, retracted integer,
	created integer not null, updated integer not null
) without rowid;
CREATE TABLE brief (
	id text primary key,
	prospect_id text not null references prospect (id),
	content text not null,			-- JSON, internal
	created integer not null, updated integer not null
) without rowid;
CREATE TABLE note (
	id text primary key,
	prospect_id text not null references prospect (id),
	kind text not null default 'note',	-- note, promise, gate
	text text not null, date integer, done integer,
	created integer not null, updated integer not null
) without rowid;
CREATE TABLE sequence (
	id text primary key,
	name text not null,
	version integer not null,
	hash text not null,
	source text not null,
	created integer not null, created_by text,
	retired integer,
	unique (name, version)
) without rowid;
INSERT INTO sequence VALUES('019cadc6-9a80-73cb-9f9e-00d698d5345d','four',1,'75e6974d9860b1fc30183a7c440993a64b1ea810c8086a08d24de2da71e7f645',replace('relent sequence 1\n751 definition\nname = "four"\npurpose = "test"\noffer = "an audit"\nmarket = "m"\nbuyer_role = "r"\nauthority = draft_only\neligible = { "new", "contacted" }\n\nstops = { "reply", "opt_out", "complaint", "hard_bounce", "identity_uncertain",\n"disqualified", "offer_retired", "owner_pause", "booked", "conversation",\n"maximum" }\nreply = halt\nsuppression = always\nreview = { "every_draft" }\nrequires = { "source", "permission" }\nmax_touches = 4\n\nstep { day = 0 channel = email type = first_touch job = "open" template = "a" }\nstep { day = 2 channel = email type = value_add job = "add value" template = "b" }\nstep { day = 4 channel = linkedin type = value_add job = "other channel" template = "c" }\nstep { day = 9 channel = email type = closeout job = "close" template = "d" }\n\n68 a\nSubject: Hello {{first_name}}\n\nYour handoffs between sales and ops.\n\n51 b\nA short example of what others measured last year.\n\n56 c\nAsk {{first_name}} on the network about one tiny thing.\n\n46 d\nI close the file here, thank you for reading.\n\n','\n',char(10)),1772442000,'test',NULL);
CREATE TABLE step (
	sequence_id text not null references sequence (id),
	number integer not null,
	day integer, minutes integer,
	channel text not null, job text not null, type text not null,
	template text, subject text, text text,
	primary key (sequence_id, number)
) without rowid;
INSERT INTO step VALUES('019cadc6-9a80-73cb-9f9e-00d698d5345d',1,0,-1,'email','open','first_touch','a','Hello {{first_name}}',replace('Your handoffs between sales and ops.\n','\n',char(10)));
INSERT INTO step VALUES('019cadc6-9a80-73cb-9f9e-00d698d5345d',2,2,-1,'email','add value','value_add','b',NULL,replace('A short example of what others measured last year.\n','\n',char(10)));
INSERT INTO step VALUES('019cadc6-9a80-73cb-9f9e-00d698d5345d',3,4,-1,'linkedin','other channel','value_add','c',NULL,replace('Ask {{first_name}} on the network about one tiny thing.\n','\n',char(10)));
INSERT INTO step VALUES('019cadc6-9a80-73cb-9f9e-00d698d5345d',4,9,-1,'email','close','closeout','d',NULL,replace('I close the file here, thank you for reading.\n','\n',char(10)));
CREATE TABLE enrolment (
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
INSERT INTO enrolment VALUES('019cadc6-9a80-73cb-9fae-b511433fe7a4','019cadc6-9a80-73cb-9fa7-7375686c906e','019cadc6-9a80-73cb-9f92-8d4fc9ebd7d0','019cadc6-9a80-73cb-9f9e-00d698d5345d','follow_up_due',1,1,1772442000,1772442000,0,'Europe/Berlin',0,0,NULL,NULL,'not_started',0,NULL,0,0,0,0,1,'not_started',0,1772442000,0,NULL,'Handoffs',4,1772442000,1772614860);
CREATE TABLE hold (
	enrolment_id text not null references enrolment (id),
	mail_key text not null,			-- Message-ID or fingerprint
	since integer not null,
	cleared integer,			-- a row stays: the mail had its one event
	primary key (enrolment_id, mail_key)
) without rowid;
CREATE TABLE touch (
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
INSERT INTO touch VALUES('019cadc6-9a80-73cb-9fb1-2579a9f23247','019cadc6-9a80-73cb-9fae-b511433fe7a4','019cadc6-9a80-73cb-9fa7-7375686c906e','019cadc6-9a80-73cb-9f92-8d4fc9ebd7d0','019cadc6-9a80-73cb-9fa1-53477aad4c23','019cadc6-9a80-73cb-9faa-180acdb24a02','legitimate_interest','an audit','email','touch',1,'first_touch','ann@buyer.example','m1@rep.example','m1@rep.example',NULL,'Handoffs','A text about handoffs.',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'accepted',1772442000,NULL,NULL,'m1@rep.example','mx',NULL,NULL,NULL,NULL,'clear',NULL,0,1772442000);
CREATE TABLE message_ref (
	message_id text not null,
	kind text not null,			-- touch, draft, reply, ours
	ref_id text not null,			-- touch, draft or reply id
	enrolment_id text, prospect_id text, owner_id text,
	at integer not null,
	primary key (message_id, kind, ref_id)
) without rowid;
INSERT INTO message_ref VALUES('m1@rep.example','touch','019cadc6-9a80-73cb-9fb1-2579a9f23247','019cadc6-9a80-73cb-9fae-b511433fe7a4','019cadc6-9a80-73cb-9fa7-7375686c906e','019cadc6-9a80-73cb-9f92-8d4fc9ebd7d0',1772442000);
CREATE TABLE draft (
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
INSERT INTO draft VALUES('019cb814-3ce0-718d-a2e9-d4a6921f844a','019cadc6-9a80-73cb-9fae-b511433fe7a4','019cadc6-9a80-73cb-9f92-8d4fc9ebd7d0','019cadc6-9a80-73cb-9fa7-7375686c906e',2,NULL,NULL,0,0,NULL,'ann@buyer.example',NULL,NULL,NULL,'wanted',1772614860,NULL,1772614860);
CREATE TABLE reply (
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
CREATE TABLE suppression (
	id text primary key,
	kind text not null,			-- address, domain, company, hash
	subject text not null,
	scope text not null, scope_arg text,
	reason text not null,
	evidence text, owner_id text, prospect_id text,
	created integer not null, created_by text,
	expires integer, lifted integer, lifted_by text, lifted_because text, consent text
) without rowid;
INSERT INTO suppression VALUES('019cb814-3ce0-718d-a2eb-7ac23b9e1f56','domain','never.example','outreach',NULL,'internal_exclusion',NULL,NULL,NULL,1772614860,'rita',NULL,NULL,NULL,NULL,NULL);
CREATE TABLE approval (
	id text primary key,
	owner_id text, enrolment_id text, prospect_id text, step integer,
	content_hash text not null,
	decision text not null,
	by_whom text not null, because text,
	shown text, shown_hash text, shown_at integer,
	decided integer not null,
	expires integer, used integer, void integer
) without rowid;
CREATE TABLE task (
	id text primary key,
	owner_id text, prospect_id text, enrolment_id text,
	kind text not null,
	text text not null,
	step integer, channel text,
	due integer, done integer, done_by text, outcome text,
	created integer not null, updated integer not null
) without rowid;
CREATE TABLE review (
	id text primary key,
	enrolment_id text, prospect_id text, owner_id text, reply_id text, draft_id text,
	kind text not null,			-- reply, unknown, weak_bounce, forged, away, draft_deleted, crash, ...
	reason text not null,
	created integer not null,
	decided integer, decision text, decided_by text, because text
) without rowid;
CREATE TABLE proposal (
	id text primary key,
	prospect_id text not null references prospect (id),
	enrolment_id text, touch_id text, owner_id text,
	version integer not null default 1,
	state text not null default 'sent',
	date integer not null, expires integer,
	content text not null,			-- JSON: scope, price, problem, outcome, objections, ...
	created integer not null, updated integer not null
) without rowid;
CREATE TABLE appointment (
	id text primary key,
	prospect_id text not null references prospect (id),
	enrolment_id text, owner_id text, reply_id text,
	uid text, starts integer, ends integer, zone text,
	state text not null,			-- proposed, booked, cancelled, held, no_show
	quality text, evidence text not null,
	created integer not null, updated integer not null
) without rowid;
CREATE TABLE account (
	name text primary key,
	owner_id text,
	state text not null,			-- connecting, idle, polling, failing, parked, removed
	last_ok integer, last_error text, failing_since integer, reported integer,
	updated integer not null
) without rowid;
CREATE TABLE position (
	account text not null, folder text not null,
	uidvalidity integer not null, uid integer not null, modseq integer not null default 0,
	updated integer not null,
	primary key (account, folder)
) without rowid;
CREATE TABLE lease (
	name text primary key, holder text not null, expires integer not null
) without rowid;
CREATE TABLE outbox (
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
INSERT INTO outbox VALUES('019cb814-3ce0-718d-a2ea-09f311f2ff02','draft_put','draft_put:019cb814-3ce0-718d-a2e9-d4a6921f844a','019cadc6-9a80-73cb-9f92-8d4fc9ebd7d0',NULL,'019cadc6-9a80-73cb-9fae-b511433fe7a4','019cb814-3ce0-718d-a2e9-d4a6921f844a','{"enrolment":"019cadc6-9a80-73cb-9fae-b511433fe7a4","prospect":"019cadc6-9a80-73cb-9fa7-7375686c906e","address":"ann@buyer.example","name":"Ann Buyer","sequence":"four","event":"due","state":"follow_up_due","step":2}','waiting',0,1772614860,NULL,NULL,1772614860,NULL);
CREATE TABLE mta_mail (
	host text not null, queue_id text not null,
	message_id text, first_seen integer not null,
	queued integer, rejected integer, removed integer, words text,
	primary key (host, queue_id)
) without rowid;
CREATE TABLE refusal (
	id text primary key,
	at integer not null,
	login text, owner_id text, recipient text,
	rule text not null, mode text not null, code integer, text text, fact text,
	overridden integer not null default 0,
	observed integer not null default 0,
	message_id text, queue_id text
) without rowid;
CREATE TABLE event (
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
INSERT INTO event VALUES(1,'019cadc6-9a80-73cb-9f96-403b05ab477b',1772442000,'mx','test','test','added','owner','019cadc6-9a80-73cb-9f92-8d4fc9ebd7d0',NULL,NULL,'{"after":{"login":"rita","name":"Rita Rep","zone":"Europe/Berlin","active":1}}','858cba61801c0ac03a54fdd452c6d034294a36850cd6d2d674a77417cdcd3660');
INSERT INTO event VALUES(2,'019cadc6-9a80-73cb-9f9c-23365ae129de',1772442000,'mx','test','test','added','owner','019cadc6-9a80-73cb-9f9a-347dae96f0fe',NULL,NULL,'{"after":{"login":"bob","name":"Bob Rep","active":1}}','5805e4945766f1da5bff8c159da3f0f5c23a3f1d4e1c6ffb44c82f6d54c8dbdb');
INSERT INTO event VALUES(3,'019cadc6-9a80-73cb-9f9f-1d2395fc5110',1772442000,'mx','test','test','added','sequence','019cadc6-9a80-73cb-9f9e-00d698d5345d',NULL,NULL,'{"name":"four","version":1,"hash":"75e6974d9860b1fc30183a7c440993a64b1ea810c8086a08d24de2da71e7f645"}','a8ad4f3bd7f191f9c68f00a505ac2fd706177cc1d35e8026071374ad2c639f9a');
INSERT INTO event VALUES(4,'019cadc6-9a80-73cb-9fa4-853f9e7eabb2',1772442000,'mx','test','test','added','company','019cadc6-9a80-73cb-9fa1-53477aad4c23',NULL,NULL,'{"after":{"name":"Buyer Ltd"}}','2b82032628b0124b89ebf0baf4f7b37949c3f8216e98672f535813644a364f2b');
INSERT INTO event VALUES(5,'019cadc6-9a80-73cb-9fa9-e8ca86c36a26',1772442000,'mx','test','test','added','prospect','019cadc6-9a80-73cb-9fa7-7375686c906e',NULL,'019cadc6-9a80-73cb-9fa7-7375686c906e','{"after":{"owner_id":"019cadc6-9a80-73cb-9f92-8d4fc9ebd7d0","company_id":"019cadc6-9a80-73cb-9fa1-53477aad4c23","name":"Ann Buyer","first_name":"Ann","identity_status":"unverified","priority":"two","stage":"new"}}','ed5aedbdf22778730d5c77a717bbe54b92efc276b44fdd8366fe5260f039611f');
INSERT INTO event VALUES(6,'019cadc6-9a80-73cb-9fac-64f3e96ec8e4',1772442000,'mx','test','test','added','source','019cadc6-9a80-73cb-9faa-180acdb24a02',NULL,'019cadc6-9a80-73cb-9fa7-7375686c906e','{"after":{"prospect_id":"019cadc6-9a80-73cb-9fa7-7375686c906e","kind":"research","url":"https://x.example/","captured":1772442000,"permission":"legitimate_interest"}}','6984c70999b24b85b7f8883ec5b0516ad68cdea4000fd7a4608d8537f952889f');
INSERT INTO event VALUES(7,'019cadc6-9a80-73cb-9fb0-a8f98b34239e',1772442000,'mx','test','test','enrolled','enrolment','019cadc6-9a80-73cb-9fae-b511433fe7a4','019cadc6-9a80-73cb-9fae-b511433fe7a4','019cadc6-9a80-73cb-9fa7-7375686c906e','{"event":{"kind":"enrolled"},"before":"not_started","after":{"state":"not_started","step":0,"started":1772442000,"due":1772442000,"zone":"Europe/Berlin","resume_state":"not_started","prev_state":"not_started","version":1},"actions":[]}','ff544fbf1b285e5cb63c92b7a3706926856a19687e42f89f957b43b7728052d7');
INSERT INTO event VALUES(8,'019cadc6-9a80-73cb-9fb1-951ce70a1106',1772442000,'mx','test','milter','accepted','touch','019cadc6-9a80-73cb-9fb1-2579a9f23247','019cadc6-9a80-73cb-9fae-b511433fe7a4','019cadc6-9a80-73cb-9fa7-7375686c906e','{"kind":"touch","recipient":"ann@buyer.example","owner":"019cadc6-9a80-73cb-9f92-8d4fc9ebd7d0","company":"019cadc6-9a80-73cb-9fa1-53477aad4c23","sequence":"four","step":1,"message_id":"m1@rep.example","queue_id":"m1@rep.example","host":"mx"}','29bbaed29aa80727229f3877ad85a5e5283bff796133094ea320d13e694c9b64');
INSERT INTO event VALUES(9,'019cadc6-9a80-73cb-9fb3-e6af56fd4624',1772442000,'mx','test','milter','touch','enrolment','019cadc6-9a80-73cb-9fae-b511433fe7a4','019cadc6-9a80-73cb-9fae-b511433fe7a4','019cadc6-9a80-73cb-9fa7-7375686c906e','{"event":{"kind":"touch","step":1},"before":"not_started","after":{"state":"sent","step":1,"touches":1,"started":1772442000,"last_touch":1772442000,"due":1772614800,"zone":"Europe/Berlin","resume_state":"not_started","prev_state":"not_started","prev_due":1772442000,"version":2},"actions":[{"kind":"stage","detail":"contacted"}],"evidence":"<m1@rep.example> queue id m1@rep.example","touch":"019cadc6-9a80-73cb-9fb1-2579a9f23247","address":"ann@buyer.example"}','6396c9cca74f537b739ede855fb82b8a7cee2d30c9569d5aa248d1a58971dae0');
INSERT INTO event VALUES(10,'019cadc6-9a80-73cb-9fb7-ea23e88f87ff',1772442000,'mx','test','milter','changed','prospect','019cadc6-9a80-73cb-9fa7-7375686c906e',NULL,'019cadc6-9a80-73cb-9fa7-7375686c906e','{"before":{"stage":"new","stage_reason":null,"stage_since":null},"after":{"stage":"contacted","stage_reason":"touch (event 019cadc6-9a80-73cb-9fb3-e6af56fd4624)","stage_since":1772442000}}','07590eb3256f18019ef7946276e8ea90db6b15fb5fd4b71c39e133cf5612557f');
INSERT INTO event VALUES(11,'019cadc7-84e0-7445-83d7-c4f1df1e72c6',1772442060,'mx','test','test','queued','enrolment','019cadc6-9a80-73cb-9fae-b511433fe7a4','019cadc6-9a80-73cb-9fae-b511433fe7a4','019cadc6-9a80-73cb-9fa7-7375686c906e','{"event":{"kind":"queued"},"before":"sent","after":{"state":"waiting","step":1,"touches":1,"started":1772442000,"last_touch":1772442000,"due":1772614800,"zone":"Europe/Berlin","resume_state":"not_started","prev_state":"not_started","prev_due":1772442000,"version":3},"actions":[],"evidence":"a test"}','534d815df921be2b93df2747d9e8b520aa7996f679e108dfdcee5011ced7366e');
INSERT INTO event VALUES(12,'019cb814-3ce0-718d-a2e9-26e66df6662e',1772614860,'mx','test','test','due','enrolment','019cadc6-9a80-73cb-9fae-b511433fe7a4','019cadc6-9a80-73cb-9fae-b511433fe7a4','019cadc6-9a80-73cb-9fa7-7375686c906e','{"event":{"kind":"due"},"before":"waiting","after":{"state":"follow_up_due","step":1,"touches":1,"started":1772442000,"last_touch":1772442000,"zone":"Europe/Berlin","resume_state":"not_started","draft_out":1,"prev_state":"not_started","prev_due":1772442000,"version":4},"actions":[{"kind":"draft","step":2}],"evidence":"a test"}','0158a1550fa913e55adadee4282f7db88f07c00a21a5558028a30a8b3ef21fa5');
INSERT INTO event VALUES(13,'019cb814-3ce0-718d-a2ed-039070d15118',1772614860,'mx','test','rita','suppressed','suppression','019cb814-3ce0-718d-a2eb-7ac23b9e1f56',NULL,NULL,'{"kind":"domain","subject":"never.example","scope":"outreach","reason":"internal_exclusion"}','462c7d592db45de98095723f343c29cfe89e5618de34e20106fb5484bd9ef419');
CREATE TABLE seal (
	seq integer primary key references event (seq),
	hash text not null
);
INSERT INTO seal VALUES(1,'bdb8a25a265bddf016d8a91d75ffea318ca7591f2063713978079f8127ededb3');
INSERT INTO seal VALUES(2,'b8e27db327215f8908f3ae3ab0a0d704079d9cfa6933d63df2454a4bc8f71a6c');
INSERT INTO seal VALUES(3,'0d0ebcb51e7efe8a8341405cbc0c21429ae9b01af1f09a586c61a3c37603ed89');
INSERT INTO seal VALUES(4,'1ef413cca4b80058078cfff2a1fe5a77a330918e6717fb662385209366d3d5f6');
INSERT INTO seal VALUES(5,'e32aa04d05f1cd456e57707a1faa02a1d04f91a67e17aca7ba61528ab960b4fa');
INSERT INTO seal VALUES(6,'28ab33b292b832cafc0bd7ff4593eeede217f658d64c38e04f6e7ed3924c0daf');
INSERT INTO seal VALUES(7,'b4fce5273ccc15660e77b91dc7894d6631a05d918c8e1253a0061a9786fb9305');
INSERT INTO seal VALUES(8,'9cc34d311b8d756ae4c74de659c2cfb96639e19bc117691aefebd182bf200c47');
INSERT INTO seal VALUES(9,'6e3a44b395e64fe100a9aa0c9fe1e8c6a6c8260f55c05a8de485e0e9261cf7e8');
INSERT INTO seal VALUES(10,'5613a058c930dff079a7cb600eaf7cd21121dc94972a19e2d3d9e84457086f4e');
INSERT INTO seal VALUES(11,'8a6483fe8a71ead2d500d550d611b43e26f865fca71e84bb6578826405d21cd9');
INSERT INTO seal VALUES(12,'f781b11092a1f6c87b554eef940c52c1facb03b4729d1e6d143c8871f50754f1');
INSERT INTO seal VALUES(13,'67cfb080cfd0668aedd9d8b1ef097ddcd5f9306f4dd1675cea7edc8a69053f19');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('event',13);
CREATE INDEX company_name on company (name);
CREATE INDEX prospect_owner on prospect (owner_id);
CREATE INDEX prospect_company on prospect (company_id);
CREATE INDEX prospect_address_prospect on prospect_address (prospect_id);
CREATE INDEX prospect_address_domain on prospect_address (domain);
CREATE INDEX source_prospect on source (prospect_id);
CREATE INDEX evidence_prospect on evidence (prospect_id);
CREATE INDEX signal_prospect on signal (prospect_id);
CREATE INDEX note_prospect on note (prospect_id);
CREATE INDEX enrolment_prospect on enrolment (prospect_id);
CREATE INDEX enrolment_owner on enrolment (owner_id, state);
CREATE INDEX enrolment_due on enrolment (due) where due > 0
	and holds = 0 and state in ('not_started','researching','drafting','sent','waiting','follow_up_due','parked',
		'appointment_proposed');
CREATE INDEX enrolment_held on enrolment (held_since) where holds > 0;
CREATE UNIQUE INDEX enrolment_live on enrolment (prospect_id)
	where state in ('not_started','researching','drafting','awaiting_approval','ready_to_send','sent',
		'waiting','follow_up_due','appointment_proposed','parked');
CREATE INDEX touch_enrolment on touch (enrolment_id, at);
CREATE INDEX touch_prospect on touch (prospect_id, at);
CREATE INDEX touch_recipient on touch (recipient, at);
CREATE INDEX touch_owner on touch (owner_id, at);
CREATE INDEX touch_message on touch (message_id);
CREATE INDEX touch_fingerprint on touch (owner_id, recipient, fingerprint);
CREATE INDEX touch_queue on touch (queue_id);
CREATE INDEX touch_envelope on touch (envelope_id) where envelope_id is not null;
CREATE INDEX touch_unsettled on touch (at) where sent_state = 'accepted';
CREATE INDEX touch_token on touch (substr(replace(id, '-', ''), 1, 20));
CREATE UNIQUE INDEX touch_once on touch (owner_id, recipient, message_id)
	where message_id is not null and sent_state <> 'taken_back';
CREATE UNIQUE INDEX touch_once_print on touch (owner_id, recipient, fingerprint)
	where message_id is null and fingerprint is not null and sent_state <> 'taken_back';
CREATE INDEX message_ref_prospect on message_ref (prospect_id, kind);
CREATE INDEX draft_enrolment on draft (enrolment_id, step);
CREATE INDEX draft_message on draft (message_id);
CREATE INDEX draft_out on draft (account) where state in ('wanted','placed','edited','gone');
CREATE UNIQUE INDEX draft_once on draft (enrolment_id, step) where state in ('wanted','placed','edited','gone');
CREATE UNIQUE INDEX reply_once on reply (mail_key, coalesce(enrolment_id, ''), coalesce(prospect_id, ''));
CREATE INDEX reply_enrolment on reply (enrolment_id, received);
CREATE INDEX reply_prospect on reply (prospect_id, received);
CREATE INDEX reply_received on reply (received);
CREATE INDEX suppression_subject on suppression (subject);
CREATE UNIQUE INDEX suppression_active on suppression (subject, kind, scope, coalesce(scope_arg, ''), reason)
	where lifted is null;
CREATE INDEX suppression_prospect on suppression (prospect_id);
CREATE INDEX approval_hash on approval (content_hash);
CREATE INDEX approval_enrolment on approval (enrolment_id, step);
CREATE INDEX task_enrolment on task (enrolment_id) where done is null;
CREATE INDEX task_open on task (owner_id, due) where done is null;
CREATE INDEX review_enrolment on review (enrolment_id) where decided is null;
CREATE INDEX review_open on review (owner_id, created) where decided is null;
CREATE INDEX appointment_prospect on appointment (prospect_id);
CREATE INDEX proposal_prospect on proposal (prospect_id);
CREATE INDEX account_owner on account (owner_id);
CREATE INDEX outbox_waiting on outbox (not_before) where state in ('waiting','taken');
CREATE INDEX outbox_enrolment on outbox (enrolment_id);
CREATE INDEX outbox_draft on outbox (draft_id);
CREATE INDEX mta_mail_seen on mta_mail (first_seen);
CREATE INDEX mta_mail_message on mta_mail (message_id);
CREATE INDEX refusal_at on refusal (at);
CREATE INDEX event_enrolment on event (enrolment_id, seq);
CREATE INDEX event_prospect on event (prospect_id, seq);
CREATE INDEX event_at on event (at);
CREATE INDEX event_suppression on event (entity_id) where entity = 'suppression';
CREATE INDEX event_touch on event (seq) where entity = 'touch' and kind = 'accepted';
CREATE TRIGGER event_no_delete before delete on event
begin select raise(abort, 'events are never deleted'); end;
CREATE TRIGGER event_no_update before update of seq, id, at, host, program, actor, kind, entity,
	entity_id, enrolment_id, prospect_id, payload_hash on event
begin select raise(abort, 'events are never changed'); end;
COMMIT;
