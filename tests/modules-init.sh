#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# The /init of tests/modules.t: on a kernel of Debian's, take its own KVM out and ours in, and back,
# and in again; and then be the runner. What modules.sh says goes to the console.
/bin/busybox --install -s /bin
export PATH=/bin BUILD=/build
for mount in proc:proc sysfs:sys devtmpfs:dev; do
	mkdir -p "/${mount#*:}"
	mount -t "${mount%:*}" none "/${mount#*:}"
done

# tell NAME COMMAND...: run it; what it said, and its code
tell()
{
	name=$1
	shift
	code=0
	"$@" >/said 2>&1 || code=$?
	sed "s/^/told $name /" /said
	echo "told $name code=$code"
}

depmod
tell none sh /modules.sh load
tell own sh /modules.sh unload
tell early sh /modules.sh unload
tell load sh /modules.sh load
exec 5</dev/kvm
tell busy sh /modules.sh unload
exec 5<&-
tell unload sh /modules.sh unload
[ ! -e /sys/module/kvm/parameters/leaves ] || echo 'told unload still=ours'
LEAVES=f22 tell again sh /modules.sh load
tell leaves cat /sys/module/kvm/parameters/leaves
exec /runner/init "$@"
