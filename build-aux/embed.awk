# Turns SQL files into C. what=enum: ST_<name> for each `-- name: x` of statements.sql;
# what=table: (name, text) of each, and what PostgreSQL is told in its place (`-- pgsql: ` directly
# below the name); what=migrations: (number, name, text) of each NNN-name.sql,
# for a driver.
function quote(s) {
	gsub(/\\/, "\\\\", s)
	gsub(/"/, "\\\"", s)
	return "\"" s "\\n\""
}
function finish() {
	if (!open)
		return
	if (!lines && what != "migrations") {
		print FILENAME ": statement " name " is empty" > "/dev/stderr"
		exit 1
	}
	if (what == "table" || what == "migrations")
		print "\t},"
	open = 0
}
BEGIN {
	print "/* Made by build-aux/embed.awk: do not edit. */"
	if (what == "enum")
		print "enum statement_id {"
	else if (what == "table")
		print "#include \"config.h\"\n\n#include \"store/driver.h\"\n\nconst struct statement builtin_statements[] = {"
	else
		print "#include \"config.h\"\n\n#include \"store/driver.h\"\n\nconst struct migration " driver "_migrations[] = {"
}
what == "migrations" && FNR == 1 {
	finish()
	base = FILENAME
	sub(/.*\//, "", base)
	number = base
	sub(/-.*/, "", number)
	print "\t{ .number = " (number + 0) ", .name = \"" base "\", .sql ="
	open = 1
	count++
}
what != "migrations" && /^-- name: / {
	finish()
	name = $3
	if (name in seen) {
		print FILENAME ": statement " name " is there twice" > "/dev/stderr"
		exit 1
	}
	seen[name] = 1
	if (what == "enum")
		print "\tST_" name ","
	else
		print "\t{ .name = \"" name "\","
	open = 1
	lines = 0
	begun = 0
	next
}
/^-- pgsql: / && open {
	sub(/^-- pgsql: /, "")
	if (what == "table")
		print "\t  .pgsql = " quote($0) ","
	next
}
/^[ \t]*--/ || /^[ \t]*$/ { next }
{
	if (!open) {
		print FILENAME ":" FNR ": text outside of a statement" > "/dev/stderr"
		exit 1
	}
	lines++
	if (what == "table" && !begun++)
		print "\t  .sql ="
	if (what != "enum")
		print "\t  " quote($0)
}
END {
	finish()
	if (what == "enum")
		print "\tSTATEMENT_COUNT\n};"
	else if (what == "table")
		print "};"
	else
		print "};\nconst size_t " driver "_migrations_n = " count ";"
}
