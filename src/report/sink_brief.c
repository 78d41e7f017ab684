/* SPDX-License-Identifier: MIT */
/* One line a finding: fields with a tab between them, "-" for what is unknown. The order of the
 * fields is a promise; new ones come last. */
#include <inttypes.h>

#include "report/sinks.h"
#include "report/view.h"

struct page {
    struct text *out;
    bool ascii;
};

/* A tab or line end in a name is escaped like any control character, so fields stay apart. */
static void put_field(const struct page *page, const char *value)
{
    if (value == NULL || value[0] == '\0')
        text_put_char(page->out, '-');
    else if (page->ascii)
        text_put_ascii(page->out, value);
    else
        text_put_plain(page->out, value);
    text_put_char(page->out, '\t');
}

/* "10.0.5.2:80", "[fd00::2]:80", "10.0.5.2". */
static void put_server(const struct page *page, const struct attempt *a)
{
    char room[ADDRESS_TEXT_ROOM];
    struct text server = {0};

    if (a != NULL && a->server.family != 0) {
        bool bracket = a->server.family == 6 && a->server_port != 0;

        text_putf(&server, "%s%s%s", bracket ? "[" : "", address_text(&a->server, room),
                  bracket ? "]" : "");
        if (a->server_port != 0)
            text_putf(&server, ":%" PRId64, a->server_port);
    }
    put_field(page, text_str(&server));
    text_clear(&server);
}

/* Authentications that the finding is about, with repeats; at least 1. */
static int64_t count(const struct view_finding *shown)
{
    const struct joined_case *joined = shown->in->joined;
    int64_t num = 0;
    size_t i;

    for (i = 0; i < shown->finding->num_attempts; i++) {
        int64_t id = shown->finding->attempts[i];

        if (id > 0 && (uint64_t)id <= joined->num_attempts)
            num += 1 + joined->attempts[id - 1].repeats;
    }
    return num > 0 ? num : 1;
}

static void put_finding(const struct page *page, const struct view *view,
                        const struct view_finding *shown)
{
    const struct finding *f = shown->finding;
    const struct attempt *a = shown->first == NULL ? NULL : shown->first->attempt;
    const struct krb *error = a == NULL ? NULL : case_krb(shown->in->joined, a->error);
    struct text code = {0};

    put_field(page, view_finding_path(view, shown));
    put_field(page, f->cause);
    put_field(page, f->informs ? "info" : confidence_name(f->confidence));
    put_field(page, a == NULL ? NULL : a->spn);
    put_field(page, f->tried_by);
    put_server(page, a);
    if (error != NULL && error->error_code.set)
        text_putf(&code, "%" PRId64, error->error_code.value);
    put_field(page, text_str(&code));
    text_putf(page->out, "%" PRId64 "\n", count(shown));
    text_clear(&code);
}

void sink_brief(struct text *out, const struct report *report, const struct report_style *style)
{
    struct view view = {0};
    struct page page = {out, style->ascii};
    size_t i;

    view_init(&view, report, 0, report->num_cases);
    for (i = 0; i < view.num_findings; i++)
        put_finding(&page, &view, &view.findings[i]);
    view_clear(&view);
}
