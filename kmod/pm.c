// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Moments in which keys must not survive: memory goes to disk or stays powered unattended, or the
 * machine is one of several clones that would all send under the same indices. The notifiers return
 * after the keys are zero.
 */
#include <linux/notifier.h>
#include <linux/random.h>
#include <linux/suspend.h>
#include "net.h"
#include "sa.h"

static void wipe_everywhere(enum ksrtp_wipe why)
{
	struct ksrtp_net *kn;

	mutex_lock(&ksrtp_nets_lock);
	list_for_each_entry(kn, &ksrtp_nets, node)
		ksrtp_sa_wipe_all(kn, why);
	mutex_unlock(&ksrtp_nets_lock);
}

static int pm_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	if (action == PM_HIBERNATION_PREPARE || action == PM_SUSPEND_PREPARE)
		wipe_everywhere(KSRTP_WIPE_SUSPEND);
	return NOTIFY_DONE;
}

static int vmfork_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	wipe_everywhere(KSRTP_WIPE_VM_FORK);
	return NOTIFY_DONE;
}

static struct notifier_block pm_notifier = { .notifier_call = pm_notify };
static struct notifier_block vmfork_notifier = { .notifier_call = vmfork_notify };

/**
 * ksrtp_pm_init() - watch for suspend and VM fork
 */
int __init ksrtp_pm_init(void)
{
	int err = register_pm_notifier(&pm_notifier);

	if (err)
		return err;
	err = register_random_vmfork_notifier(&vmfork_notifier);
	if (err)
		unregister_pm_notifier(&pm_notifier);
	return err;
}

/**
 * ksrtp_pm_exit() - watch no more
 */
void ksrtp_pm_exit(void)
{
	unregister_random_vmfork_notifier(&vmfork_notifier);
	unregister_pm_notifier(&pm_notifier);
}
