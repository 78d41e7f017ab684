/* SPDX-License-Identifier: MIT */
/* What people see instead of a KRB-ERROR: Windows codes and messages of libraries. */
#ifndef KRBWHY_CAUSE_SYMPTOMS_H
#define KRBWHY_CAUSE_SYMPTOMS_H

#include <stdint.h>

struct symptom {
    uint32_t number;    /* of the code; 0: a message only */
    const char *name;   /* SEC_E_WRONG_PRINCIPAL */
    const char *marks;  /* parts of messages, lower case, "|" between them; "" none */
    const char *means;  /* one or two sentences */
    const char *causes; /* ids of causes, commas between them; "" none */
};

/* Ended by a row whose name is NULL. */
extern const struct symptom symptoms[];

#endif
