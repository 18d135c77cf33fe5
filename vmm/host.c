// SPDX-License-Identifier: GPL-2.0-only
/* What kind of KVM this is, and whether it counts exits. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "vmm/vmm.h"

/* A parameter of kvm.ko that only the accounting patch adds. */
#define PATCH_PARAMETER "/sys/module/kvm/parameters/leaves"

/* An ioctl numbering that KVM has had since 2.6.22 and promises to keep. */
#define KVM_API 12

bool host_accounts(void)
{
	return !access(PATCH_PARAMETER, F_OK);
}

/* Does the first "flags" line of /proc/cpuinfo have @flag as a word? */
static bool cpu_flag(const char *flag)
{
	FILE *f = fopen("/proc/cpuinfo", "r");
	bool found = false;
	char *line = NULL;
	size_t size = 0;

	if (!f)
		return false;
	while (getline(&line, &size, f) > 0) {
		char *word, *rest = line;

		if (strncmp(line, "flags", 5))
			continue;
		while ((word = strsep(&rest, " \t\n")))
			found |= !strcmp(word, flag);
		break;
	}
	free(line);
	fclose(f);
	return found;
}

/* NULL when it is kvm-intel, otherwise what it is instead. */
static const char *not_vmx(void)
{
	if (cpu_flag("svm"))
		return "is kvm-amd: its exits are those of SVM, not of VMX";
	if (!cpu_flag("vmx"))
		return "belongs to a CPU without VMX and without SVM: this KVM is neither "
		       "kvm-intel nor kvm-amd, and runs most of a guest by emulation";
	if (!access("/sys/module", F_OK) && access("/sys/module/kvm_intel", F_OK))
		return "is not kvm-intel's, although the CPU has VMX";
	return NULL;
}

/* What changes which exits a guest raises. */
static void log_kvm_intel(void)
{
	static const char *const names[] = { "ept", "unrestricted_guest", "enable_apicv", "vpid" };
	char path[64], text[128] = "";
	unsigned int i;
	size_t len = 0;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		FILE *f;
		int c;

		snprintf(path, sizeof(path), "/sys/module/kvm_intel/parameters/%s", names[i]);
		f = fopen(path, "r");
		c = f ? fgetc(f) : EOF;
		if (c != EOF)
			len += snprintf(text + len, sizeof(text) - len, " %s=%c", names[i], c);
		if (f)
			fclose(f);
	}
	log_line("runner: kvm_intel%s", len ? text : ": its parameters cannot be read");
}

static void complain_no_device(void)
{
	if (errno == EACCES)
		complain("/dev/kvm: no permission: join the group that owns it, or be root");
	else if (errno != ENOENT && errno != ENODEV && errno != ENXIO)
		complain("/dev/kvm: %s", strerror(errno));
	else if (cpu_flag("vmx"))
		complain("/dev/kvm: missing although the CPU has VMX: load kvm_intel; if that is "
			 "refused, the firmware has locked VMX off (IA32_FEATURE_CONTROL)");
	else
		complain("/dev/kvm: missing, and the CPU has no VMX (no \"vmx\" in /proc/cpuinfo): "
			 "use a machine with VT-x, or nested VMX, or the Bochs lab");
}

int host_open_kvm(bool force)
{
	const char *what = not_vmx();
	int kvm, api;

	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0) {
		complain_no_device();
		return -1;
	}
	api = ioctl(kvm, KVM_GET_API_VERSION, 0);
	if (api != KVM_API) {
		complain("/dev/kvm: API version is %d, not %d", api, KVM_API);
	} else if (what && !force) {
		complain("/dev/kvm %s (--force runs the guest all the same; counts then mean "
			 "nothing)", what);
	} else {
		if (what)
			log_line("runner: /dev/kvm %s; counts mean nothing", what);
		else
			log_kvm_intel();
		return kvm;
	}
	close(kvm);
	return -1;
}
