-- What the statements use and PostgreSQL has under another name. Said before the schema, in the same transaction.
create or replace function group_concat_step(so_far text, next text, joint text) returns text language sql immutable
as $$ select case when so_far is null then next else so_far || joint || next end $$;
create or replace aggregate group_concat(text, text) (sfunc = group_concat_step, stype = text);
create or replace function strftime(format text, at bigint, epoch text) returns text language sql stable
as $$ select to_char(to_timestamp(at) at time zone 'UTC', replace(replace(replace(replace(replace(replace(format,
	'%Y', 'YYYY'), '%m', 'MM'), '%d', 'DD'), '%H', 'HH24'), '%M', 'MI'), '%w', 'D')) $$;
create or replace function instr(whole text, part text) returns integer language sql immutable
as $$ select strpos(whole, part) $$;
