# SPDX-License-Identifier: GPL-2.0-only
# What Linux 6.1 has in the lines beside those that hand-ins for 6.12 change.
/^ \(int vmx_handle_exit\|void vmx_vcpu_free\)(/s/^ / static /
s/^ 	__APICV_INHIBIT_REASON(SEV),.*/ 	APICV_INHIBIT_REASON_SEV,/
s/^ 	__APICV_INHIBIT_REASON(LOGICAL_ID_ALIASED)/ };/
