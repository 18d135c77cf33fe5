# SPDX-License-Identifier: GPL-2.0-only
# The charts of the boot report, each wide and narrow. Called with folder=, where
# tools/boot_report --data left the data, and `plots' with what else is to be known.
load folder . "/plots"
ink = "#333333"
set encoding utf8
set border 3 lc rgb "#8a8a8a" lw 0.8
set tics scale 0.5 textcolor rgb ink nomirror out
unset key
thousand(x) = x < 1000 ? sprintf("%.0f", x) : x < 1e6 ? \
	sprintf("%.0f,%03.0f", floor(x / 1000), x - 1000 * floor(x / 1000)) : \
	sprintf("%g million", x / 1e6)

# A phase is a band, white and grey in turn, with its label above it.
phases(t) = t == 1 ? hv_phases : kvm_phases
phase(t, i, k) = word(t == 1 ? hv_phase[i] : kvm_phase[i], k)
band(i) = i % 2 ? "#eef1f4" : "#fafbfc"

do for [narrow = 0:1] {
	shape = narrow ? "narrow" : "wide"
	size_x = narrow ? 400 : 1040
	small = narrow ? 11 : 13
	set lmargin at screen (narrow ? 62.0 : 84.0) / size_x
	set rmargin at screen 1 - 14.0 / size_x

	# Charts 1 and 2, each with a panel for each target.
	do for [chart = 1:(curves ? 2 : 0)] {
		size_y = narrow ? 600 : 720
		set terminal svg size size_x, size_y font sprintf("sans-serif,%d", small) \
			background "white" name sprintf("chart%d%s", chart, shape)
		set output sprintf("%s/%s.%s.svg", folder, chart == 1 ? "exits" : "rates", shape)
		set multiplot
		set xrange [0:x_max]
		set xtics x_step
		set ylabel (chart == 1 ? "VM exits so far" : "VM exits per " . unit) \
			offset (narrow ? 1.6 : 0.5), 0 textcolor rgb ink
		do for [t = 1:2] {
			top = 1 - (t - 1) * 0.49 - 66.0 / size_y
			set tmargin at screen top
			set bmargin at screen (2 - t) * 0.49 + 56.0 / size_y
			set xlabel (t == 1 ? "" : "guest time since the first VM entry, " . unit) \
				offset 0, 0.3 textcolor rgb ink
			unset object
			unset label
			do for [i = 1:phases(t)] {
				from = real(phase(t, i, 1))
				to = real(phase(t, i, 2))
				set object i rectangle from from, graph 0 to to, graph 1 behind \
					fillcolor rgb band(i) fillstyle solid noborder
				row = phase(t, i, narrow ? 4 : 3)
				set label i phase(t, i, narrow ? 6 : 5) at (from + to) / 2, \
					graph 1 center offset 0, 0.55 + 0.9 * row noenhanced \
					textcolor rgb "#4d4d4d" font sprintf(",%d", small - 1)
			}
			set label 20 (t == 1 ? "hv" : "KVM") at graph 0, graph 1 right \
				offset -1, 0.55 font sprintf("sans-serif:Bold,%d", small + 3) \
				textcolor rgb "#111111"
			if (chart == 1) {
				set grid ytics front lw 0.6 lc rgb "#d0d0d0"
				set yrange [0:y_max]
				set ytics (0)
				do for [k = 1:floor(y_max / y_step)] {
					set ytics add (thousand(k * y_step) k * y_step)
				}
				data = sprintf("%s/%s.samples", folder, t == 1 ? "hv" : "kvm")
				plot for [i = series:1:-1] data using 1:(column(i + 1)) \
						with filledcurves y1=0 fillcolor rgb colour[i] \
						fillstyle solid noborder, \
					for [i = series:1:-1] data using 1:(column(i + 1)) \
						with lines lc rgb "white" lw 0.6
			} else {
				set grid ytics back lw 0.6 lc rgb "#d0d0d0"
				set logscale y
				set yrange [1:rate_max]
				set ytics ("1" 1, "10" 10, "100" 100, "1,000" 1000, "10,000" 10000)
				limit = burst_factor * (t == 1 ? hv_mean : kvm_mean)
				set arrow 1 from 0, first limit to x_max, first limit nohead front \
					lc rgb "#111111" lw 1 dt (6, 4)
				data = sprintf("%s/%s.rates", folder, t == 1 ? "hv" : "kvm")
				plot data using (($1 + $2) / 2):(1):1:2:(1):3:4 with boxxyerror \
					fillcolor rgb variable fillstyle solid noborder
				unset arrow
				unset logscale y
			}
		}
		unset multiplot
		unset object
		unset label
	}

	# Chart 3: exits of each boot, and what others have published: a line, or a band
	# where they gave a range.
	if (figures) {
		size_y = 130 + figures * (narrow ? 78 : 66)
		set terminal svg size size_x, size_y font sprintf("sans-serif,%d", small) \
			background "white" name "chart3" . shape
		set output sprintf("%s/figures.%s.svg", folder, shape)
		set lmargin at screen (narrow ? 14.0 : 240.0) / size_x
		set rmargin at screen 1 - (narrow ? 20.0 : 40.0) / size_x
		set tmargin at screen 1 - 58.0 / size_y
		set bmargin at screen 62.0 / size_y
		set logscale x
		set xrange [1000:1e8]
		set xtics (narrow ? "1k" : "1,000" 1e3, narrow ? "10k" : "10,000" 1e4, \
			narrow ? "100k" : "100,000" 1e5, narrow ? "1M" : "1 million" 1e6, \
			narrow ? "10M" : "10 million" 1e7, narrow ? "" : "100 million" 1e8)
		set yrange [figures + 0.5:(narrow ? 0.3 : 0.5)]
		unset ytics
		unset ylabel
		set grid noytics
		set grid xtics back lw 0.6 lc rgb "#d0d0d0"
		set xlabel "VM exits of one boot, logarithmic" offset 0, 0.1 textcolor rgb ink
		do for [i = 1:|published|] {
			from = real(word(published[i], 1))
			to = real(word(published[i], 2))
			if (from < to) {
				set object i rectangle from from, graph 0 to to, graph 1 behind \
					fillcolor rgb "#fbe3d3" fillstyle solid noborder
			} else {
				set arrow i from from, graph 0 to from, graph 1 nohead back \
					lc rgb "#d55e00" lw 1.4
			}
			# In two rows: the end of one range is another one's figure.
			set label i sprintf("%d", i) at sqrt(from * to), graph 1 center \
				offset 0, (from < to ? 1.5 : 0.6) textcolor rgb "#a04000" \
				font sprintf("sans-serif:Bold,%d", small)
		}
		do for [i = 1:figures] {
			name = value(sprintf("figure_%d", i))
			if (narrow) {
				set label 100 + i name at 1000, i - 0.42 left noenhanced front \
					textcolor rgb "#111111"
			} else {
				set label 100 + i name at 850, i right noenhanced front \
					textcolor rgb "#111111"
			}
		}
		plot folder . "/figures" using (1000):1:(1000):2:($1 - 0.15):($1 + 0.15):3 \
				with boxxyerror fillcolor rgb variable fillstyle solid noborder, \
			"" using (1080):1:4:($3 == 0x56b4e9 ? 0 : 0xffffff) with labels left \
				noenhanced font sprintf(",%d", small) textcolor rgb variable
		unset arrow
		unset label
		unset object
		unset logscale x
		unset grid
	}
}
