# Fills a manual page: a line `@LIST NAME@` becomes the rows of a table that the programs are made from
# (settings.def, commands.def, rules.def, ...), so that no manual says what the program does not know.
# awk -v top=DIR -f fill.awk PAGE.in

# The arguments of one X-macro row as field[1..]; C strings are unquoted.
function row(line, name,    i, c, n, quoted, text, depth) {
	if (index(line, name "(") != 1)
		return 0
	text = substr(line, length(name) + 2)
	n = 1; quoted = 0
	split("", field)
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (quoted && c == "\\") { i++; field[n] = field[n] substr(text, i, 1); continue }
		if (c == "\"") { quoted = !quoted; continue }
		if (!quoted && c == ")") return n
		if (!quoted && c == ",") { n++; continue }
		if (!quoted && (c == " " || c == "\t")) continue
		field[n] = field[n] c
	}
	return 0
}
# Text as mdoc reads it: backslashes, and a dot or quote that begins a line.
function plain(s) {
	gsub(/\\/, "\\e", s)
	if (s ~ /^[.']/) s = "\\&" s
	return s
}
# A word as an argument of a macro: mdoc takes some for macros or punctuation.
function word(s) {
	gsub(/\\/, "\\e", s)
	gsub(/"/, "\\(dq", s)
	return "\"" s "\""
}
function rows(file, name, as,    line, path) {
	path = top "/" file
	found = 0
	while ((getline line < path) > 0)
		if (row(line, name)) {
			found++
			emit(as ? as : name)
		}
	close(path)
	if (!found) print ".It Em none"
}
function emit(name,    head) {
	if (name == "SETTING") setting()
	else if (name == "COMMAND") {
		print ".It Ic " word(field[1]) (field[5] == "" ? "" : " Ar " word(field[5]))
		print sentence(field[8])
	} else if (name == "RULE") {
		print ".It Cm " field[2]
		print sentence(field[9])
		print "Answer " field[4] " " field[5] (field[7] == "1" ? "; may be confirmed with anyway@." : ".")
	} else if (name == "VERB") {
		print ".It Ad " (field[3] == "NULL" ? field[2] : field[2] "." (field[3] ~ / / ? "ARG" : field[3])) "@"
		if (field[3] ~ / /) print "ARG: " field[3] "."
		print sentence(field[5])
	} else if (name == "ORDER") {
		# the words of an answer are COMMAND rows too: (symbol, name, numbers, argument, stops, meaning)
		print ".It Cm " field[2] (field[3] == "1" ? " Ar number ..." : "") arguments[field[4]]
		print sentence(field[6]) (field[5] == "1" ? "\nObeyed in any case." : "")
	} else if (name == "DECISION") {
		print ".It Ic " field[2] (field[4] == "" ? "" : " Ar " word(field[4]))
		print sentence(field[6])
		if (field[5] == "1") print "Only with a reason."
	} else {
		# STATE(symbol, name, group, meaning), EVENT, REPLY_CLASS, KIND: the meaning is the last
		print ".It Cm " field[2]
		print sentence(field[name == "STATE" ? 4 : 3])
	}
}
function sentence(s) {
	s = plain(s)
	gsub(/[.] +/, ".\n", s)	# a new sentence is a new line, says mdoc
	return toupper(substr(s, 1, 1)) substr(s, 2) (s ~ /[.?!]$/ ? "" : ".")
}
function setting(    type, range) {
	if (field[1] != section) {
		if (opened) print ".El"
		section = field[1]; opened = 1
		if (section == "") print ".Ss Outside of sections"
		else if (section == "owner") {
			print ".Ss owner \\(dqLOGIN\\(dq"
			print "A rep: somebody whose mail is looked at."
			print "The title is the SASL login."
		} else if (section == "account") {
			print ".Ss account \\(dqNAME\\(dq"
			print "A mailbox to watch."
			print "The title is the name under which it appears in"
			print ".Ic status ."
		} else if (section == "lead") {
			print ".Ss lead \\(dqNAME\\(dq"
			print "A mailbox or folder that people write to who are not prospects yet:"
			print "mails of web forms, and their own."
			print "The title is the name of the source."
		} else print ".Ss " section
		print ".Bl -tag -width Ds"
	}
	type = types[field[3]]
	range = field[5]
	gsub(/\|/, ", ", range); gsub(/\.\./, " to ", range)
	print ".It Cm " word(field[2]) " No = Ar " type
	print sentence(field[6])
	if (field[3] == "ENUM") print "One of: " plain(range) "."
	else if (range != "") print "From " plain(range) "."
	if (field[4] != "") print "Default:\n.Ql " word(field[4])
}
BEGIN {
	types["STR"] = "text"; types["INT"] = "number"; types["BOOL"] = "yes|no"; types["NUM"] = "number"
	types["DUR"] = "duration"; types["SIZE"] = "bytes"; types["LIST"] = "list"; types["ENUM"] = "word"
	types["PATH"] = "path"
	arguments["DAY"] = " Op Ar day"; arguments["WHEN"] = " Ar day time"; arguments["WORD"] = " Ar word"
	arguments["TEXT"] = " Op Ar text"; arguments["REASON"] = " Op Ar reason"; arguments["NONE"] = ""
}
/^@LIST settings@$/ { section = "\n"; rows("conf/settings.def", "SETTING"); if (opened) print ".El"; next }
/^@LIST commands@$/ { rows("ctl/commands.def", "COMMAND"); next }
/^@LIST rules@$/ { rows("policy/rules.def", "RULE"); next }
/^@LIST orders@$/ { rows("policy/commands.def", "COMMAND", "ORDER"); next }
/^@LIST verbs@$/ { rows("milter/verbs.def", "VERB"); next }
/^@LIST states@$/ { rows("sequence/states.def", "STATE"); next }
/^@LIST events@$/ { rows("sequence/events.def", "EVENT"); next }
/^@LIST decisions@$/ { rows("store/decisions.def", "DECISION"); next }
/^@LIST classes@$/ { rows("classifier/classes.def", "REPLY_CLASS"); next }
/^@LIST kinds@$/ { rows("classifier/kinds.def", "KIND"); next }
/^@LIST/ { print "unknown list: " $0 >"/dev/stderr"; exit 1 }
{ gsub(/@CONFDIR@/, confdir); gsub(/@DATADIR@/, datadir); print }
