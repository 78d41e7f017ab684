/* SPDX-License-Identifier: MIT */
/* What can go wrong while bytes are read. Four things that are never folded into one. */
#ifndef KRBWHY_BASE_FAULT_H
#define KRBWHY_BASE_FAULT_H

enum fault {
    FAULT_NONE,
    FAULT_NEEDS_MORE,  /* the input ends here and more of it may still come */
    FAULT_CUT_SHORT,   /* the capture (snap length, gap, end of file) kept no more of it */
    FAULT_MALFORMED,   /* the bytes contradict the format */
    FAULT_UNSUPPORTED, /* correct, and not something this program reads */
    FAULT_LIMIT        /* correct perhaps, and beyond a bound of limits.h */
};

/* "needs more bytes", "cut short by the capture", ...; static, never NULL. */
const char *fault_name(enum fault fault);

#endif
