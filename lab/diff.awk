# SPDX-License-Identifier: GPL-2.0-only
# Split unified diffs: OUT/1, OUT/2 ... each have the change of one file, without headers of Git's
# and with line ends of Unix. On stdout a line for each: its number, old and new name, tabs between
# them; `bad', a tab and a sentence for what cannot be taken from a diff; and `left', a tab and a
# name for what neither could, and is no source.

function bad(what) { print "bad\t" what }

# By its name, as Git says it in front: what no kernel is built of is nobody's loss.
function bad_source(what)
{
	if (git == "" || git ~ /\.([chS]|mk)$|(^|\/)(Makefile|Kconfig|Kbuild)[^\/]*$/)
		bad(what)
	else
		print "left\t" git
}

function name(line)
{
	sub(/^(---|\+\+\+) /, "", line)
	sub(/\t.*/, "", line)
	gsub(/^"|"$/, "", line)
	return line
}

# Of a hunk's header: how many lines there are of the old or the new file.
function count(range) { return range ~ /,/ ? substr(range, index(range, ",") + 1) + 0 : 1 }

function short()
{
	if (old > 0 || new > 0)
		bad("hunk " hunk " of " from " is cut or edited: its header says other numbers")
	old = new = 0
}

{ sub(/\r$/, "") }

old > 0 || new > 0 {
	if (/^[ +-]/ || /^$/) {
		if (!/^\+/)
			old--
		if (!/^-/)
			new--
		print (/^$/ ? " " : $0) >part
		next
	}
	if (!/^\\/)
		short()
}
part && /^\\/ { print >part; next }

/^--- / && (getline next_line) > 0 {
	sub(/\r$/, "", next_line)
	part = ""
	if (next_line !~ /^\+\+\+ /)
		next
	part = OUT "/" ++parts
	hunk = 0
	from = name($0)
	print parts "\t" from "\t" name(next_line)
	if (from == "/dev/null")
		from = name(next_line)
	print "--- a" >part
	print "+++ b" >part
	next
}
part && /^@@ -[0-9]+(,[0-9]+)? \+[0-9]+(,[0-9]+)? @@/ {
	hunk++
	old = count($2)
	new = count($3)
	print >part
	next
}
/^diff / { part = git = "" }
/^diff --git / { git = $0; sub(/.* "?b\//, "", git); sub(/"$/, "", git) }
/^(new|old|new file) mode 120000/ || /^index .* 120000$/ {
	bad_source("there is a symbolic link in it")
}
/^rename from / { bad_source("it renames " substr($0, 13) ": make it with git diff --no-renames") }
/^(GIT binary patch|Binary files )/ { bad_source("there is a binary file in it") }
END { short() }
