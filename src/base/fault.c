/* SPDX-License-Identifier: MIT */
#include "base/fault.h"

const char *fault_name(enum fault fault)
{
    switch (fault) {
    case FAULT_NONE:
        return "no fault";
    case FAULT_NEEDS_MORE:
        return "needs more bytes";
    case FAULT_CUT_SHORT:
        return "cut short by the capture";
    case FAULT_MALFORMED:
        return "malformed";
    case FAULT_UNSUPPORTED:
        return "not supported";
    case FAULT_LIMIT:
        return "beyond a limit";
    }
    return "unknown fault";
}
