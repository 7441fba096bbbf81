// libaudit, the interface of the audit project to the kernel's audit netlink (libaudit.h; audit(3) pages).
#include <libaudit.h>
