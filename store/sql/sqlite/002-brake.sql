-- What the complete brake remembers.

-- Opened by the rates of a sequence, an owner or a sending domain; closed by a person with a reason, never by itself.
create table breaker (
	id text primary key,
	scope text not null,
	name text not null,
	level text not null,
	cause text not null,
	opened integer not null,
	closed integer, closed_by text, because text,
	-- what the day of the closing had counted until then: the person knew of it
	base_touches integer not null default 0, base_bounces integer not null default 0,
	base_complaints integer not null default 0,
	created integer not null, updated integer not null
) without rowid;
create unique index breaker_open on breaker (scope, name) where closed is null;
create index breaker_closed on breaker (scope, name, closed) where closed is not null;

-- What became of the touches of a day, by who sent them: rates without a walk through all touches.
create table tally (
	scope text not null,			-- owner, domain (the sender's), sequence
	name text not null,			-- id of the owner, domain, name of the sequence
	day integer not null,			-- UTC, days since 1970, on which the touches went out
	touches integer not null default 0,
	first_touches integer not null default 0,
	bounces integer not null default 0,	-- hard ones
	complaints integer not null default 0,
	unsubscribes integer not null default 0,
	primary key (scope, name, day)
) without rowid;

alter table touch add column sender_domain text;	-- of its From
alter table touch add column domain text;		-- registrable domain of the recipient
alter table touch add column sequence text;
alter table touch add column first integer not null default 0;
alter table touch add column bounced integer not null default 0;
alter table touch add column complained integer not null default 0;
alter table touch add column unsubscribed integer not null default 0;
alter table touch add column links integer;
alter table touch add column attachments integer;
update touch set domain = substr(recipient, instr(recipient, '@') + 1),
	sequence = (select s.name from enrolment e join sequence s on s.id = e.sequence_id
		where e.id = touch.enrolment_id);
insert into tally (scope, name, day, touches)
select 'owner', owner_id, at / 86400, count(*) from touch
where kind in ('touch', 'manual') and sent_state <> 'taken_back' group by owner_id, at / 86400;
insert into tally (scope, name, day, touches)
select 'sequence', sequence, at / 86400, count(*) from touch
where kind in ('touch', 'manual') and sent_state <> 'taken_back' and sequence is not null
group by sequence, at / 86400;
create index touch_domain on touch (domain, at);
create index touch_sender_domain on touch (sender_domain, at);
create index touch_company on touch (company_id, at) where company_id is not null;
create index enrolment_sequence on enrolment (sequence_id);
create index authority_grant_owner on authority_grant (owner_id, sequence);

-- A provider that asks for less mail, by recipient domain: a row for each of our mails that heard it.
create table pushback (
	domain text not null,			-- registrable, of the recipient
	mail text not null,			-- host and queue id
	provider text,				-- registrable domain of the server that said it
	dsn text, words text,
	since integer not null, last integer not null, times integer not null default 1,
	primary key (domain, mail)
) without rowid;
create index pushback_last on pushback (domain, last);
create index pushback_old on pushback (last);

-- All spellings of one mailbox (plus-tag, Gmail dots) have one `same`.
alter table prospect_address add column same text;
update prospect_address set same = case
	when address like '"%' then address
	when address like '%@gmail.com' or address like '%@googlemail.com'
	then replace(case when instr(address, '+') > 1 then substr(address, 1, instr(address, '+') - 1)
		else substr(address, 1, instr(address, '@') - 1) end, '.', '') || '@gmail.com'
	when instr(address, '+') > 1 and instr(address, '+') < instr(address, '@')
	then substr(address, 1, instr(address, '+') - 1) || substr(address, instr(address, '@'))
	else address end;
create index prospect_address_same on prospect_address (same);
alter table company_domain add column added integer;
create index company_domain_company on company_domain (company_id);

-- The high-water mark of suppressions is made from these.
create index event_suppressed on event (seq) where entity = 'suppression' and kind = 'suppressed';

-- Who is suppressed, and has written to us all the same: what such a mail is answered with is no outreach.
create table heard (
	owner_id text not null, address text not null, message_id text not null,
	at integer not null,
	primary key (owner_id, address, message_id)
) without rowid;
create index heard_message on heard (message_id);
create index hold_mail on hold (mail_key);

-- Where each relent-logwatch is in its log, kept with what the lines told; and when it was last heard of.
create table log_source (
	host text not null, source text not null,
	position text,
	heard integer not null,			-- it lives
	line integer,				-- when it last read a line
	updated integer not null,
	primary key (host, source)
) without rowid;
create index log_source_heard on log_source (heard);
-- When the mail left the queue: the same queue id later is another mail's.
alter table touch add column left_queue integer;

-- What a language model made of an answer that waits for a person.
create table opinion (
	id text primary key,
	review_id text not null unique, reply_id text not null,
	model text not null,
	asked integer not null, times integer not null default 1,
	answered integer, class text, summary text, error text
) without rowid;
create index opinion_asked on opinion (asked);
