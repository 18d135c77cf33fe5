#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Console input: what is typed, pasted or piped reaches the guest, whenever it comes, all of
# it, in this order; and its end ends nothing.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=boot/lib.sh
. boot/lib.sh
terminal=$build/tools/terminal
linux=$build/linux/bzImage
plan 17

# The line: with a COM1 in Bochs' place that first says nothing, then reads

cat >"$tmp/com1" <<'EOF'
got=$1 address=${2##*dev=}
case $2 in "com1: enabled=1, mode=socket-client, dev=127.0.0.1:"*) ;; *) exit 9 ;; esac
exec 3<>"/dev/tcp/${address%:*}/${address#*:}"
printf 'no line' >&3
read -rt 1 early <&3
echo " yet$early" >&3
head -c 1000000 <&3 >"$got"
echo "stdin: $(wc -c)"
printf 'the last words' >&3
exit 7
EOF
head -c 1000000 /dev/urandom >"$tmp/sent"
run timeout 60 "$terminal" bash "$tmp/com1" "$tmp/got" <"$tmp/sent"
is 'the code of what runs there' "$code" 7
ok 'a million bytes arrive as they were sent' cmp "$tmp/sent" "$tmp/got"
is 'none before somebody has said a line' "$(head -n 1 "$tmp/out")" 'no line yet'
is 'its last words come' "$(tail -n 1 "$tmp/out")" 'the last words'
has 'it cannot take stdin itself' "$tmp/err" '^stdin: 0$'
cat "$tmp/sent" "$tmp/sent" "$tmp/sent" "$tmp/sent" >"$tmp/more"
run timeout 60 "$terminal" bash "$tmp/com1" "$tmp/got" <"$tmp/more"
is 'what nobody takes any more holds nothing up' "$code" 7
is 'nor does it hide the last words' "$(tail -n 1 "$tmp/out")" 'the last words'
# shellcheck disable=SC2016 # the shell there is meant
run timeout 60 "$terminal" bash -c 'kill -9 $$' </dev/null
is 'an end by a signal' "$code" 137
run timeout 60 "$terminal" /no/such </dev/null
is 'what cannot be run' "$code" 127
run timeout 60 "$terminal" bash -c 'exit 3' <&-
is 'no stdin' "$code" 3
timeout 60 "$terminal" bash -c 'sleep 60' </dev/null >/dev/null 2>&1 &
sleep 1
kill -TERM $!
code=0
wait $! || code=$?
is 'told to end' "$code" 143

# A Linux: two lines that come before it listens; then 64 KiB of anything at once, when somebody
# wants them as they are; and their end

mkdir "$tmp/root"
cat >"$tmp/root/script" <<'EOF'
stty raw -echo
echo 'lab: ready'
head -c 65536 >/tmp.in
cat /tmp.in | md5sum
EOF
chmod 755 "$tmp/root/script"
{ cat "$build/linux-guest/initrd.cpio"; archive "$tmp/root"; } >"$tmp/initrd"
head -c 65536 /dev/urandom >"$tmp/64k"
wanted=$(md5sum <"$tmp/64k")

# type LOG: stdin is to be open until somebody is ready, and then everything at once
type()
{
	# shellcheck disable=SC2016 # the shell there is meant
	printf 'echo $((6*7))\n. /script; exit 9\n'
	for _ in $(seq 3000); do
		! grep -aqs '^lab: ready' "$1" || break
		sleep 0.2
	done
	cat "$tmp/64k"
}
for target in hv kvm; do
	type "$tmp/$target/$target.log" | boot/run $target --quiet --input --limit 1800 \
		--out "$tmp/$target" --initrd "$tmp/initrd" \
		--append 'console=ttyS0 quiet panic=-1' "$linux" 2>"$tmp/$target.err" &
done
wait
for target in hv kvm; do
	tr -d '\r' <"$tmp/$target/$target.log" >"$tmp/log"
	has "$target: the first line arrived" "$tmp/log" '^42'
	has "$target: and the second" "$tmp/log" "^end target=$target cause=exit_port code=9"
	has "$target: 64 KiB come out of cat" "$tmp/log" "^$wanted"
done
finish
