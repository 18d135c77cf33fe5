# SPDX-License-Identifier: GPL-2.0-only
# What boot/anchors prints, of the log that boot/anchors-init.sh has sent: what an exit costs under
# each observer, and the counts of each beside those of our accounting in the same run.
BEGIN {
	hex_digits = "0123456789abcdef"
	of_stat["exits"] = "all"
	of_stat["io_exits"] = "IO_INSTRUCTION"
	of_stat["mmio_exits"] = "EPT_MISCONFIG"
	of_stat["halt_exits"] = "HLT"
	of_stat["irq_exits"] = "EXTERNAL_INTERRUPT"
	of_stat["nmi_window_exits"] = "NMI_WINDOW"
	of_stat["irq_window_exits"] = "INTERRUPT_WINDOW"
}

{ sub(/\r$/, "") }
NF < 3 { next }
!($1 in seen) && $2 == "log" { seen[$1] = 1; observers[++nr_observers] = $1 }
$2 == "code" && $3 != 0 { print "anchors: " $1 " ended with code " $3 >"/dev/stderr"; failed = 1 }

# value(KEY): of this line's pair
function value(key,	i)
{
	for (i = 3; i <= NF; i++)
		if (index($i, key "=") == 1)
			return substr($i, length(key) + 2)
	return ""
}

function number_of_hex(text,	i, n)
{
	text = tolower(substr(text, 3))
	for (i = 1; i <= length(text); i++)
		n = n * 16 + index(hex_digits, substr(text, i, 1)) - 1
	return n
}

function theirs(observer, name, count)
{
	counted[observer] = 1
	other[observer, name] += count
}

# Of our accounting; its number of a page has in its low bits what the access was for.
$2 == "log" && $3 == "row" { add_sample($1, value("name"), value("tsc") / value("reps")) }
$2 == "log" && $3 == "ran" { ran[$1] = value("end") - value("begin") }
$2 == "log" && $3 == "exits" && value("scope") == "vm" {
	name = value("name")
	if (name == "") {
		if (value("total") != "")
			ours[$1, "all"] = value("total")
		next
	}
	if (!(name in known)) {
		known[name] = 1
		names[++nr_names] = name
	}
	of_number[value("reason")] = name
	ours[$1, name] = value("count")
}
$2 == "log" && $3 == "detail" && value("lines") == "" && value("number") != "rest" {
	n = value("number")
	name = value("name")
	if (name == "IO_INSTRUCTION")
		key = sprintf("port %#x %s", int(n / 65536), int(n / 8) % 2 ? "in" : "out")
	else if (name ~ /^MSR_/)
		key = sprintf("MSR %#x %s", n, name == "MSR_READ" ? "read" : "write")
	else if (name == "EPT_MISCONFIG")
		key = sprintf("page %#x", n)
	else
		next
	ours_number[$1, key] += value("count")
	if (!((key, 1) in is_key)) {
		is_key[key, 1] = 1
		keys[++nr_keys] = key
	}
}

# Of the others.
$2 == "log" && $3 == "trace" && value("reason") != "" {
	name = of_number[value("reason") % 65536]
	theirs($1, name, value("count"))
	theirs($1, "all", value("count"))
}
$2 == "ring" { theirs($1, $4, $3); theirs($1, "all", $3) }
# What kvm_stat -d shows of a VM, too: always counted, so the run is the one without an observer.
$1 == "none" && $2 == "log" && $3 == "stats" && value("scope") ~ /^vcpu/ {
	if (value("name") in of_stat)
		theirs("stats", of_stat[value("name")], value("value"))
}
$2 == "vmexit" && $5 ~ /%$/ { theirs($1, $3, $4); theirs($1, "all", $4) }
$2 == "ioport" && $5 ~ /%$/ {
	split($3, part, ":")
	number($1, sprintf("port %s %s", part[1], part[2] == "PIN" ? "in" : "out"), $4)
}
$2 == "msr" && $5 ~ /%$/ {
	split($3, part, ":")
	number($1, sprintf("MSR %s %s", part[1], part[2] == "R" ? "read" : "write"), $4)
}
$2 == "mmio" && $5 ~ /%$/ {
	split($3, part, ":")
	page = number_of_hex(part[1])
	number($1, sprintf("page %#x", page - page % 4096), $4)
}
$2 == "kvm_stat" && $3 ~ /^timestamp/ { nr_fields = split($0, field, ","); next }
$2 == "kvm_stat" {
	split($0, delta, ",")
	for (i = 2; i <= nr_fields; i++)
		kvm_stat($1, field[i], delta[i])
}

function kvm_stat(observer, name, count)
{
	if (name == "kvm_exit")
		theirs(observer, "all", count)
	else if (name ~ /^kvm_exit\(/)
		theirs(observer, substr(name, 10, length(name) - 10), count)
}

function number(observer, key, count)
{
	their_number[observer, key] += count
	if (!((key, 1) in is_key)) {
		is_key[key, 1] = 1
		keys[++nr_keys] = key
	}
}

function add_sample(observer, row, ticks)
{
	if (!(row in nr_of)) {
		nr_of[row] = 1
		rows[++nr_rows] = row
	}
	sample[observer, row, ++samples[observer, row]] = ticks
}

function median(observer, row,	n, i, j, x)
{
	n = samples[observer, row]
	for (i = 1; i <= n; i++) {
		x = sample[observer, row, i]
		for (j = i - 1; j > 0 && sorted[j] > x; j--)
			sorted[j + 1] = sorted[j]
		sorted[j + 1] = x
	}
	return sorted[int((n + 1) / 2)]
}

# counts(THEIRS, OURS)
function counts(a, b)
{
	return a == b ? a : a " of " b
}

END {
	print "Emulated ticks of " (nr_rows ? "one operation by the guest's clock, medians of " \
		samples[observers[1], rows[1]] ", and of the\nwhole run" : "the whole run") \
		" for each exit without an observer, with what that is more than without one\n"
	printf "%-12s", "observer"
	for (r = 1; r <= nr_rows; r++)
		printf " %16s", rows[r]
	printf " %16s\n", "whole run"
	for (o = 1; o <= nr_observers; o++) {
		name = observers[o]
		printf "%-12s", name
		for (r = 1; r <= nr_rows; r++)
			cost(median(name, rows[r]), median("none", rows[r]), name)
		# Who is slower has more interrupts of the timer, which are what it costs, too. The
		# shared guest prints less where there are no counts: that is no other run of it.
		exits = ours["none", "all"]
		if (exits && (ours[name, "all"] || !nr_rows))
			cost(ran[name] / exits, ran["none"] / exits, name)
		print ""
	}
	observers[++nr_observers] = "stats"
	names[++nr_names] = "all"
	for (n = 1; n <= nr_names; n++)
		ours["stats", names[n]] = ours["none", names[n]]
	print "\nExits of the same run: what the observer counted, `of' what the accounting did\n"
	printf "%-20s", "reason"
	for (o = 1; o <= nr_observers; o++)
		if (observers[o] in counted)
			printf " %15s", observers[o]
	print ""
	for (n = 1; n <= nr_names; n++) {
		printf "%-20s", names[n]
		for (o = 1; o <= nr_observers; o++)
			if (observers[o] in counted)
				printf " %15s", ((observers[o], names[n]) in other) ? \
					counts(other[observers[o], names[n]], \
					       ours[observers[o], names[n]] + 0) : "-"
		print ""
	}
	print "\nThe same, told apart by perf kvm stat --event=ioport, msr, mmio\n"
	for (k = 1; k <= nr_keys; k++)
		if (("perf_detail", keys[k]) in their_number || \
		    ("perf_detail", keys[k]) in ours_number)
			printf "%-28s %15s\n", keys[k], \
				counts(their_number["perf_detail", keys[k]] + 0, \
				       ours_number["perf_detail", keys[k]] + 0) | "sort"
	close("sort")
	exit failed ? 2 : 0
}

function cost(ticks, without, observer)
{
	printf " %16s", observer == "none" ? sprintf("%.0f", ticks) : \
		sprintf("%.0f %+.0f", ticks, ticks - without)
}
