# Fills the places of a unit: @HARDENING@ by the file inc (without its comments), directories by -v.
{
	if ($0 == "@HARDENING@") {
		while ((getline line < inc) > 0)
			if (line !~ /^#/)
				print line
		close(inc)
		next
	}
	gsub(/@sbindir@/, sbindir)
	gsub(/@relentconfdir@/, relentconfdir)
	print
}
