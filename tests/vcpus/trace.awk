# SPDX-License-Identifier: GPL-2.0-only
# What each processor did from VM exit to VM entry, in a trace of all instructions and accesses
# (boot/run --instructions --accesses): in exits that called no function that uses what belongs to
# the VM. STUB is where vm_exit_stub is, 16 digits, and APART where those functions are.
#
#	path cpu=N of=CPUID instructions=N vmreads=N vmwrites=N exits=N
#		so many exits of the guest's instruction took so many of hv's
#	cpu=N exits=N lines=N
#		so many exits wrote to so many lines of 64 bytes
#	shared line=ADDRESS cpuN=EXITS@INSTRUCTION cpuN=EXITS@INSTRUCTION ...
#		several processors wrote to that one, in so many exits, the last time there

function commit(c,	i, l) {
	if (apart[c])
		return
	exits[c]++
	paths["cpu=" c " of=" last[c] " instructions=" instructions[c] " vmreads=" reads[c] \
	      " vmwrites=" writes[c]]++
	for (i = 0; i < nr[c]; i++) {
		l = line[c, i]
		if (!((c, l) in seen)) {
			lines[c]++
			all[l]
		}
		where[c, l] = from[c, i]
		if (seen[c, l] == exits[c])
			continue
		seen[c, l] = exits[c]
		times[c, l]++
	}
}

# (N).[TICK] [0xPHYSICAL] SELECTOR:LINEAR (unk. ctxt): MNEMONIC OPERANDS ; BYTES
/^\([0-9]\)\./ {
	cpu = substr($0, 2, 1)
	at = $3
	sub(/.*:/, "", at)
	if (at == STUB && substr($2, 4, 12) == substr(STUB, 5)) {
		inside[cpu] = 1
		nr[cpu] = apart[cpu] = instructions[cpu] = reads[cpu] = writes[cpu] = 0
	}
	if (!inside[cpu]) {
		last[cpu] = $6 ~ /^mov/ ? $6 "_" $7 : $6
		sub(/,/, "", last[cpu])
		next
	}
	now[cpu] = at
	instructions[cpu]++
	reads[cpu] += $6 == "vmread"
	writes[cpu] += $6 == "vmwrite"
	if (index(APART, at))
		apart[cpu] = 1
	if ($6 == "vmresume") {
		commit(cpu)
		inside[cpu] = 0
	}
	next
}

# [CPUN WR]: LIN 0xLINEAR PHY 0xPHYSICAL (len=...; of a page walk and a VMCS without LIN
/^\[CPU[0-9] (WR|RW)\]/ {
	cpu = substr($0, 5, 1)
	if (!inside[cpu])
		next
	i = index($0, " PHY 0x") + 7
	if (substr($0, i, 9) == "0000fee00")	# each has an APIC of its own there
		next
	digit = index("0123456789abcdef", substr($0, i + 10, 1))
	line[cpu, nr[cpu]] = substr($0, i, 10) substr("000044448888cccc", digit, 1) "0"
	from[cpu, nr[cpu]++] = now[cpu]
}

END {
	for (p in paths)
		print "path " p " exits=" paths[p]
	for (c in exits)
		print "cpu=" c " exits=" exits[c] " lines=" lines[c]
	for (l in all) {
		writers = 0
		text = ""
		for (c in exits) {
			if ((c, l) in seen) {
				writers++
				text = text " cpu" c "=" times[c, l] "@" where[c, l]
			}
		}
		if (writers > 1)
			print "shared line=" l text
	}
}
