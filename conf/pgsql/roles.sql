-- What each of relent's programs may do in the database. Said by `relentctl store init`, as the database's administrator;
-- may be said again at any time. A site's own version: /etc/relent/pgsql/roles.sql.
--
-- Nobody but the owner of the tables (the administrator who made them) changes the schema, and nobody at all takes an event,
-- a seal, a touch or a suppression out of it.

do $$
declare
	r text;
begin
	foreach r in array array['relent_milter', 'relent_watcher', 'relent_logwatch', 'relent_web', 'relent_ctl'] loop
		if not exists (select from pg_roles where rolname = r) then
			execute format('create role %I login', r);
		end if;
		execute format('grant connect on database %I to %I', current_database(), r);
		execute format('revoke all on all tables in schema public from %I', r);
		execute format('grant usage on schema public to %I', r);
		execute format('grant usage on all sequences in schema public to %I', r);
		execute format('grant select on all tables in schema public to %I', r);
		-- these record and decide; what may never vanish is taken back below
		execute format('grant insert, update, delete on all tables in schema public to %I', r);
		execute format('revoke delete on event, seal, touch, reply, suppression, enrolment, approval from %I', r);
		execute format('revoke update on event, seal from %I', r);
		execute format('revoke insert, update, delete on relent_schema from %I', r);
	end loop;
end
$$;

-- The payload of an event may be erased (relentctl forget), its hash stays.
grant update (payload) on event to relent_ctl;
-- relentctl store backup reads everything.
grant select on all sequences in schema public to relent_ctl;
-- relentctl forget, and nobody else, takes out what a person wrote.
grant delete on reply, approval to relent_ctl;

-- Definitions come from files, by relentctl and by the milter and the watcher when they start.
revoke insert, update, delete on sequence, step from relent_web, relent_logwatch;

-- Who may send what is decided by people.
revoke insert, update, delete on authority_grant from relent_web, relent_logwatch, relent_watcher;

-- The log's reader writes down what became of mails.
revoke insert, update, delete on prospect, company, source, evidence, signal, owner, owner_address from relent_logwatch;
