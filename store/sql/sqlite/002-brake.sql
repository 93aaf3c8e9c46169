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
	created integer not null, updated integer not null
) without rowid;
create unique index breaker_open on breaker (scope, name) where closed is null;
