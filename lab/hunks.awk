# SPDX-License-Identifier: GPL-2.0-only
# Why hunks do not apply: FILE, then what patch(1) said, then its rejects. A line for each: which
# hunk, and which of its lines the file does not have where the rest of them fits best.

function plain(line)
{
	gsub(/[ \t]+/, " ", line)
	sub(/ $/, "", line)
	return line
}

function shown(line)
{
	gsub(/[ \t]+/, " ", line)
	sub(/^ /, "", line)
	return "`" line "'"
}

# The place where most lines of the hunk are what the file has; of several the nearest.
function explain(    at, best, far, fits, i, j, n, places, score, seat)
{
	if (!lines)
		return
	for (i = 1; i <= lines; i++) {
		n = split(where[plain(hunk[i])], places, " ")
		for (j = 1; j <= n; j++)
			score[places[j] - i + 1]++
	}
	for (at in score) {
		far = at > start ? at - start : start - at
		if (score[at] > fits || (score[at] == fits && far < seat)) {
			fits = score[at]
			seat = far
			best = at + 0
		}
	}
	printf "hunk %s: ", failed[++told]
	if (fits * 3 <= lines)
		for (i = 1; i < lines && where[plain(hunk[i])]; i++)
			;
	else
		for (i = 1; i < lines && plain(file[best + i - 1]) == plain(hunk[i]); i++)
			;
	if (fits * 3 <= lines)
		printf "nothing like it is in the file, and this line is not there: %s\n", \
			shown(hunk[i])
	else
		printf "its line %s is not there, line %d of the file is %s\n", shown(hunk[i]), \
			best + i - 1, shown(file[best + i - 1])
	lines = 0
}

FNR == 1 { stage++ }
stage == 1 { file[FNR] = $0; where[plain($0)] = where[plain($0)] " " FNR }
stage == 2 && /^Hunk #[0-9]+ FAILED/ { failed[++n_failed] = substr($2, 2) }
stage == 3 && /^@@/ { explain(); start = substr($2, 2) + 0 }
stage == 3 && FNR > 2 && /^[ -]/ { hunk[++lines] = substr($0, 2) }
END { explain() }
