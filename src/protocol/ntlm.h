/* SPDX-License-Identifier: MIT */
/* NTLM messages ([MS-NLMP] 2.2): who asks, and who the server says it is. Challenges, responses and
 * session keys are never looked at. */
#ifndef KRBWHY_PROTOCOL_NTLM_H
#define KRBWHY_PROTOCOL_NTLM_H

#include "base/arena.h"
#include "base/reader.h"

enum { NTLM_NEGOTIATE = 1, NTLM_CHALLENGE = 2, NTLM_AUTHENTICATE = 3 };

enum ntlm_bindings { NTLM_BINDINGS_ABSENT, NTLM_BINDINGS_ZERO, NTLM_BINDINGS_SET };

/* Texts are clean UTF-8 in the arena given to ntlm_parse; NULL when absent. */
struct ntlm_message {
    uint32_t type; /* NTLM_... */
    uint32_t flags;
    const char *domain, *user, *workstation; /* NEGOTIATE: domain and workstation in OEM letters */
    const char *target;                      /* CHALLENGE: TargetName */
    /* Target info: of the CHALLENGE, or of the NTLMv2 response of an AUTHENTICATE, which repeats
     * the server's and adds target_name and channel bindings. */
    const char *nb_computer, *nb_domain, *dns_computer, *dns_domain, *dns_tree, *target_name;
    bool has_time;
    int64_t time_ns; /* MsvAvTimestamp, since 1970 UTC */
    enum ntlm_bindings bindings;
    const char *version; /* "10.0.14393"; NULL when not sent */
    enum fault fault;    /* the first, at fault_at from the message's start */
    size_t fault_at;
    const char *fault_what;
};

/* Reads one message; false when it does not begin with the signature and a known type. `open`:
 * bytes may have been cut off its end (FAULT_NEEDS_MORE). */
bool ntlm_parse(struct arena *arena, struct bytes message, bool open, struct ntlm_message *out);

#endif
