# SPDX-License-Identifier: GPL-2.0-only
# Judge the `break' records of a log by tests/vmcs/known, which is read first:
# awk -v platform=NAME|NAME… -f judge.awk known LOG
# prints "wrong: …" for each record that is neither right nor known, and for what is
# known and did not happen; last how many there were of each kind.
function value(key,    i)
{
	for (i = 2; i <= NF; i++)
		if (index($i, key "=") == 1)
			return substr($i, length(key) + 2)
	return ""
}
FNR == NR {
	if ($1 ~ "^(" platform ")$")
		known[$2 " " $3 " " $4 " " $5] = 1
	next
}
$1 != "break" { next }
value("nr") == 0 {
	control = value("got") == value("expect") && value("named") == "none"
	next
}
{ breaks++ }
value("got") == "lacking" && / why=this CPU lacks / { lacking++; next }
value("got") == value("expect") && value("named") == value("field") { refused++; next }
{
	got = value("got")
	sub(/^entered:.*/, "entered", got)	# with which exit it ended says nothing
	key = value("field") " " value("value") " " got " " value("named")
	if (key in known) {
		seen[key] = 1
		differing++
	} else {
		print "wrong: " $0
	}
}
END {
	if (!control)
		print "wrong: the VMCS was refused without a break, or broke a rule"
	for (k in known)
		if (!(k in seen))
			print "wrong: known, but it did not happen: " k
	printf "breaks=%d refused=%d differing=%d lacking=%d\n", breaks, refused, differing, lacking
}
