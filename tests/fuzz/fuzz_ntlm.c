/* SPDX-License-Identifier: MIT */
/* Any bytes as an NTLM message: texts are clean, faults have a place, cutting never adds a fact. */
#include <assert.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "protocol/ntlm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void clean(const char *text)
{
    if (text != NULL)
        assert(utf8_clean(bytes_of_text(text), NULL) == strlen(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct arena arena = {0};
    struct ntlm_message whole, cut;
    bool read = ntlm_parse(&arena, (struct bytes){data, len}, false, &whole);

    if (read) {
        assert(whole.type >= 1 && whole.type <= 3);
        assert(whole.fault_at <= len && whole.fault != FAULT_NEEDS_MORE);
        clean(whole.domain);
        clean(whole.user);
        clean(whole.workstation);
        clean(whole.target);
        clean(whole.nb_computer);
        clean(whole.dns_computer);
        clean(whole.target_name);
        assert(whole.target_name == NULL || whole.type != NTLM_NEGOTIATE);
    }
    if (ntlm_parse(&arena, (struct bytes){data, len / 2}, true, &cut)) {
        assert(read && cut.type == whole.type);
        assert(cut.user == NULL || whole.user != NULL);
    }
    arena_clear(&arena);
    return 0;
}
