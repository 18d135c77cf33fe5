# SPDX-License-Identifier: GPL-2.0-only
# Bars for the medians that tools/bench writes with --chart. Called with data= and
# svg=; the colours can be told apart by people who see fewer (Okabe and Ito's).
stats data using 2 skip 1 nooutput
rows = STATS_records
set terminal svg size 960, 110 + 52 * rows font "sans-serif,14" background "white"
set output svg
set title "One operation that exits, once for each exit reason: median time as the guest sees it" \
	font ",17"
set key tmargin center horizontal Left reverse noenhanced samplen 1.5 width -3
set yrange [rows - 0.4 : -0.6]
set ytics nomirror scale 0 noenhanced
set xtics out nomirror
set mxtics 2
set xrange [0 : *]
set grid xtics mxtics back lw 0.7 lc rgb "#b0b0b0", lw 0.4 lc rgb "#dddddd"
set border 3 lc rgb "#404040"
set style fill solid 1 noborder
heading(column) = system(sprintf("head -n 1 %s | cut -f %d | tr -d '\"'", data, column))
set xlabel heading(1) . " per repetition (less is better)"
set ylabel "operation (a row of the guest)"
array colour[4] = ["#009e73", "#56b4e9", "#0072b2", "#d55e00"]
height = 0.2
# The last one draws nothing: it names each group, in its middle.
plot for [i = 2:5] data using (column(i) / 2):($0 + (i - 3.5) * height):(column(i) / 2): \
		(height / 2 * 0.9) skip 1 with boxxyerror lc rgb colour[i - 1] \
		title heading(i), \
	data using (0):0:ytic(1) skip 1 with dots lc rgb "white" notitle
